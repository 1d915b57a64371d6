"""Embeddings, by the real classes of `transformers` on tiny models."""

import math
from contextlib import contextmanager
from unittest import mock

import pytest
from PIL import Image

from comfy_gen.validation.scoring import embedding
from comfy_gen.validation.scoring.loading import MODELS
from tests.tiny_clip import tiny_clip, tiny_siglip

__all__ = ["tiny_clip", "tiny_siglip"]


@pytest.fixture(params=["tiny_clip", "tiny_siglip"])
def model(request):
    return MODELS.get(str(request.getfixturevalue(request.param)), device="cpu")


def noise(number):
    return Image.effect_noise((20 + number, 30), 80).convert("RGB")


@contextmanager
def counting(model):
    """Tell how many texts went through the model at a time."""
    sizes = []
    real = model._embedded
    with mock.patch.object(model, "_embedded", lambda texts: sizes.append(len(texts)) or real(texts)):
        yield sizes


def close(one, other):
    return all(math.isclose(a, b, abs_tol=1e-4) for a, b in zip(one, other, strict=True))


def test_embeddings_are_of_length_1(model):
    for vector in (*model.pictures([noise(1)]), *model.texts(["a red car"])):
        assert math.isclose(math.hypot(*vector), 1.0, abs_tol=1e-5)


def test_batches_change_nothing(model):
    pictures = [noise(number) for number in range(5)]
    together = model.pictures(pictures, batch_size=2)
    assert len(together) == 5
    assert all(close(vector, *model.pictures([picture])) for vector, picture in zip(together, pictures, strict=True))
    assert not close(together[0], together[1])


def test_a_text_is_the_same_beside_longer_ones(model):
    [alone] = model.texts(["a fox"])
    model._known.clear()
    beside = model.texts(["a fox", "a red car and a dog " * 40])
    assert close(alone, beside[0])
    assert not close(*beside)


def test_nothing_gives_nothing(model):
    assert model.pictures([]) == []
    assert model.texts([]) == []


def test_texts_are_remembered(model, monkeypatch):
    monkeypatch.setattr(embedding, "_REMEMBERED", 2)
    with counting(model) as sizes:
        model.texts(["first", "second", "first"])
        model.texts(["first"])
        model.texts(["third"])  # for which the one goes that was not asked for the longest time
        model.texts(["first"])
        model.texts(["second"])
    assert sizes == [2, 1, 1]


def test_a_siglip_reads_small_letters(tiny_siglip):
    model = MODELS.get(str(tiny_siglip), device="cpu")
    assert model.texts(["A RED car"]) == model.texts(["a red car"])


def test_one_core_is_left(tiny_clip, monkeypatch):
    import torch

    model = MODELS.get(str(tiny_clip), device="cpu")
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(4)
        monkeypatch.setattr(embedding.os, "cpu_count", lambda: 4)
        model.leave_a_core()
        assert torch.get_num_threads() == 3
        torch.set_num_threads(1)
        model.leave_a_core()
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
