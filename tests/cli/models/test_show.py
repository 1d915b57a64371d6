"""``comfygen models show``: everything that is known of a model, on one card."""

from __future__ import annotations

import pytest

from comfy_gen.cli.models.show import Sight, card_rows
from comfy_gen.models.model import Model
from tests.cli.weights import safetensors

OWN = "own.safetensors"


@pytest.fixture
def show(comfygen, engine, tmp_path, monkeypatch):
    """The command, with one model on this machine."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COMFYGEN_MODELS_DIRECTORY", str(tmp_path / "models"))
    (tmp_path / "models" / "loras").mkdir(parents=True)
    (tmp_path / "models" / "loras" / OWN).write_bytes(safetensors())
    return lambda *arguments: comfygen("models", "show", *arguments)


def test_model_of_the_manifest_tells_what_uses_it_and_who_has_it(show):
    said = show("sdxl-base").out
    assert "checkpoints/sd_xl_base_1.0.safetensors" in said
    assert "used by  sdxl" in said
    assert "here  no" in said
    (told,) = show("sdxl-base", "--json").json["models"]
    assert len(told["engines"]) == 1
    assert told["local"] is None


def test_set_shows_each_of_its_models(show):
    assert [one["name"] for one in show("sdxl", "--json").json["models"]] == ["sdxl-base", "sdxl-vae"]
    assert show("sdxl").out.count("engines") == 2


def test_file_of_this_machine_tells_what_is_in_it(show):
    said = show(OWN).out
    assert "content  loras" in said
    assert "64 parameters" in said
    assert "none has it" in said


def test_file_of_an_engine_is_known_by_its_name(show):
    (told,) = show("detail.safetensors", "--json").json["models"]
    assert (told["folder"], told["local"]) == ("loras", None)


def test_damaged_file_says_so(show, tmp_path):
    (tmp_path / "models" / "loras" / OWN).write_bytes(b"nothing")
    (told,) = show(f"loras/{OWN}", "--json").json["models"]
    assert told["local"]["content"]
    assert "parameters" not in told["local"]["content"]


def test_unknown_name_tells_the_nearest(show):
    said = show("own.safetensor")
    assert said.code == 2
    assert OWN in said.err


def test_card_leaves_out_what_nobody_knows():
    rows = {name: said for name, said in card_rows(Sight(model=Model(file="a", folder=""), silent=("gpu-1",))) if said}
    assert rows == {"file": "?/a", "here": "no", "engines": "none has it", "silent": "gpu-1"}
