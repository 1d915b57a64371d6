from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from comfy_gen.cli.models.download import Asked, Lines, bytes_to_fetch, is_wanted, models_wanted
from comfy_gen.cli.shown import Shown
from comfy_gen.errors import InvalidParameterError, ModelReferenceError
from comfy_gen.models.fetching import Planned
from comfy_gen.models.manifest import load_manifest
from comfy_gen.models.model import Model, Offer
from comfy_gen.models.progress import Progress
from tests.cli.weights import Terminal


def planned(size, *, is_here=False):
    model = Model(file="a.safetensors", folder="vae", size=size)
    if is_here:
        return Planned(model=model, path=Path("a"))
    return Planned(model=model, path=Path("a"), offer=Offer(model=model, url="http://x.test/a"), to_fetch=size)


def test_default_set_is_meant_where_nothing_is_named():
    assert [one.name for one in models_wanted(Asked(), load_manifest())] == ["sdxl-base", "sdxl-vae"]


def test_model_that_is_meant_twice_is_fetched_once():
    asked = Asked(names=("sdxl", "sdxl-vae", "sdxl_vae.safetensors"))
    assert [one.name for one in models_wanted(asked, load_manifest())] == ["sdxl-base", "sdxl-vae"]


def test_what_is_said_of_a_model_goes_before_what_is_known_of_it():
    asked = Asked(names=("sdxl-vae",), folder="vae_approx", file="mine.safetensors", sha256="ab" * 32)
    (model,) = models_wanted(asked, load_manifest())
    assert (model.folder, model.file, model.sha256) == ("vae_approx", "mine.safetensors", "ab" * 32)
    assert model.licence == "mit"


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"file": "x"}, InvalidParameterError),
        ({"sha256": "ab" * 32}, InvalidParameterError),
        ({"names": ("sdxl-vae",), "sha256": "short"}, InvalidParameterError),
        ({"names": ("nothing",)}, ModelReferenceError),
    ],
)
def test_what_cannot_be_meant_is_refused(said, error):
    with pytest.raises(error):
        models_wanted(Asked(**said), load_manifest())


def test_bytes_are_those_that_are_not_here_and_may_be_more():
    assert bytes_to_fetch([planned(5), planned(7, is_here=True)]) == (5, False)
    assert bytes_to_fetch([planned(5), planned(None)]) == (5, True)
    assert bytes_to_fetch([]) == (0, False)


@pytest.mark.parametrize(("answer", "is_sure"), [("y", True), ("n", False), ("", True)])
def test_person_is_asked_before_more_than_a_gigabyte(monkeypatch, capsys, answer, is_sure):
    monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))
    assert is_wanted([planned(2 * 10**9), planned(None)], Shown()) is is_sure
    asked = capsys.readouterr().out
    assert "vae/a.safetensors" in asked
    assert "Fetch at least 2 GB? [Y/n]" in asked


@pytest.mark.parametrize(
    ("size", "shown", "stdin"),
    [(10, Shown(), Terminal), (2 * 10**9, Shown(as_json=True), Terminal), (2 * 10**9, Shown(), io.StringIO)],
)
def test_little_and_what_nobody_watches_is_fetched_without_a_question(monkeypatch, size, shown, stdin):
    monkeypatch.setattr(sys, "stdin", stdin(""))
    assert is_wanted([planned(size)], shown)


def test_lines_tell_each_phase_and_each_hundredth(capsys):
    lines = Lines()
    for done in (0, 1, 9, 10, 11, 20):
        lines(Progress(file="a", phase="fetching", done=done, total=1000))
    lines(Progress(file="a", phase="checking", done=20, total=1000))
    assert [line.count('"a"') for line in capsys.readouterr().out.splitlines()] == [1, 1, 1, 1]


def test_lines_of_a_file_of_unknown_size_tell_every_few_megabytes(capsys):
    lines = Lines()
    for done in range(0, 33 * 10**6, 10**6):
        lines(Progress(file="a", phase="fetching", done=done))
    assert len(capsys.readouterr().out.splitlines()) == 3
