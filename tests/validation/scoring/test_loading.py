"""Loading, with the real classes of `transformers`; and what is said of files that are damaged."""

import importlib.util
import json
import logging
import shutil
import threading
from pathlib import Path

import pytest

from comfy_gen.errors import InvalidParameterError, ScoringModelError
from comfy_gen.validation.scoring import weights
from comfy_gen.validation.scoring.loading import Models
from tests.tiny_clip import tiny_clip, tiny_siglip

__all__ = ["tiny_clip", "tiny_siglip"]


@pytest.fixture
def folder(tiny_clip, tmp_path):
    return Path(shutil.copytree(tiny_clip, tmp_path / "model"))


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def models(clock):
    return Models(clock=clock)


def rewrite(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def as_of_2021(folder):
    """Rewrite a folder as that of the first CLIP on Hugging Face is."""
    import torch
    from safetensors.torch import load_file

    tokenizer = json.loads((folder / "tokenizer.json").read_text())["model"]
    (folder / "vocab.json").write_text(json.dumps(tokenizer["vocab"]))
    (folder / "merges.txt").write_text("\n".join(["#version: 0.2", *(" ".join(pair) for pair in tokenizer["merges"])]))
    (folder / "tokenizer_config.json").write_text('{"model_max_length": 77, "tokenizer_class": "CLIPTokenizer"}')
    old = {"crop_size": 16, "size": 16, "resample": 3, "feature_extractor_type": "CLIPFeatureExtractor"}
    (folder / "preprocessor_config.json").write_text(json.dumps(old))
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    for name in ("tokenizer.json", "processor_config.json", "model.safetensors"):
        (folder / name).unlink()


def test_it_is_loaded_once_for_all_who_wait(models, tiny_clip):
    got = []
    threads = [threading.Thread(target=lambda: got.append(models.get(str(tiny_clip)))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 4
    assert len(set(map(id, got))) == 1


def test_a_device_is_the_same_by_any_word(models, tiny_clip):
    assert models.get(str(tiny_clip)).device in {"cpu", "cuda"}
    assert models.get(str(tiny_clip), device="cpu") is models.get(str(tiny_clip), device="cpu", offline=True)


@pytest.mark.parametrize("device", ["gpu", "mps", ""])
def test_a_device_that_is_not_there_is_refused(models, tiny_clip, device):
    with pytest.raises(InvalidParameterError, match="cpu"):
        models.get(str(tiny_clip), device=device)


def test_nothing_is_written_to_the_screen(models, folder, capfd, caplog):
    as_of_2021(folder)
    with caplog.at_level(logging.WARNING):
        models.get(str(folder))
    assert capfd.readouterr() == ("", "")
    assert caplog.text == ""


def test_files_of_2021_give_the_same_embeddings(models, folder, tiny_clip):
    as_of_2021(folder)
    [old], [new] = (models.get(str(one)).texts(["a red car"]) for one in (folder, tiny_clip))
    assert old == pytest.approx(new, abs=1e-5)


def test_a_siglip_tokenizer_is_read_without_the_package_that_makes_it(models, tiny_siglip, tmp_path):
    copy = Path(shutil.copytree(tiny_siglip, tmp_path / "siglip"))
    rewrite(copy / "tokenizer_config.json", tokenizer_class="SiglipTokenizer")
    assert models.get(str(copy)).texts(["a red car"]) == models.get(str(tiny_siglip)).texts(["a red car"])


def test_what_needs_a_package_says_which(models, tiny_siglip, tmp_path):
    if importlib.util.find_spec("sentencepiece"):
        pytest.skip("it is installed")
    copy = Path(shutil.copytree(tiny_siglip, tmp_path / "siglip"))
    rewrite(copy / "tokenizer_config.json", tokenizer_class="SiglipTokenizer")
    (copy / "tokenizer.json").rename(copy / "spiece.model")
    with pytest.raises(ScoringModelError, match="needs the Python package sentencepiece"):
        models.get(str(copy))


DAMAGED = "its weights are damaged, or were not fetched whole"


@pytest.mark.parametrize("content", [b"", b"<html>", b"version https://git-lfs.github.com/spec/v1\n", 1000, 50_000])
def test_damaged_weights_are_called_so(models, folder, content):
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:content] if isinstance(content, int) else content)
    with pytest.raises(ScoringModelError) as raised:
        models.get(str(folder))
    assert raised.value.reason == DAMAGED


@pytest.mark.parametrize("size", [0, 5, 5000])
def test_damaged_weights_of_the_older_form_are_an_error_too(models, folder, size):
    as_of_2021(folder)
    file = folder / "pytorch_model.bin"
    file.write_bytes(file.read_bytes()[:size])
    with pytest.raises(ScoringModelError):
        models.get(str(folder))


@pytest.mark.parametrize("file", ["tokenizer.json", "tokenizer_config.json", "processor_config.json"])
def test_other_damaged_files_are_an_error(models, folder, file):
    (folder / file).write_text('{"a')
    with pytest.raises(ScoringModelError) as raised:
        models.get(str(folder))
    assert raised.value.is_local
    assert raised.value.reason


def test_weights_that_lack_parts_are_refused(models, folder):
    config = json.loads((folder / "config.json").read_text())
    rewrite(folder / "config.json", text_config={**config["text_config"], "num_hidden_layers": 2})
    with pytest.raises(ScoringModelError, match="its weights lack 16 of its parts"):
        models.get(str(folder))


def test_weights_of_another_size_are_refused(models, folder):
    rewrite(folder / "config.json", projection_dim=64)
    with pytest.raises(ScoringModelError, match="its weights are of other sizes"):
        models.get(str(folder))


@pytest.mark.parametrize("text_config", ["x", {"num_attention_heads": 3, "hidden_size": 32}])
def test_a_config_that_makes_no_sense_is_refused(models, folder, text_config):
    rewrite(folder / "config.json", text_config=text_config)
    with pytest.raises(ScoringModelError):
        models.get(str(folder))


def test_what_failed_is_not_tried_again_for_a_minute(models, clock, folder, monkeypatch):
    looked = []
    find = weights.find
    monkeypatch.setattr(weights, "find", lambda *args, **more: looked.append(args) or find(*args, **more))
    (folder / "tokenizer.json").rename(folder / "hidden")
    for later in (0, 59.9):
        clock.now = 1000 + later
        with pytest.raises(ScoringModelError, match="has no tokenizer") as raised:
            models.get(str(folder))
        assert raised.value.is_local
    assert len(looked) == 1
    (folder / "hidden").rename(folder / "tokenizer.json")
    clock.now = 1060
    assert models.get(str(folder)).device
    assert len(looked) == 2
