"""``comfygen engines warm`` and ``free``: models in the engines' memory, or out of it."""

from __future__ import annotations

import pytest

from comfy_gen.cli.engines.warming import Done
from tests.background import BackgroundSandbox

DEAD = "http://127.0.0.1:1"
SDXL = "checkpoints/sd_xl_base_1.0.safetensors"


@pytest.fixture
def fleet(comfygen, tmp_path, monkeypatch, background_sandbox):
    """The command line with two engines, "a" and "b"."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    with BackgroundSandbox() as other:
        monkeypatch.setenv("COMFYGEN_ENGINES", f"a={background_sandbox.url} b={other.url}")
        yield comfygen


def outcomes(said):
    return {(one["engine"], one["model"]): one["error"] and one["error"]["code"] for one in said.json["engines"]}


def test_every_engine_loads_every_model(fleet, background_sandbox):
    said = fleet("engines", "warm", "sd_xl_base_1.0", "vae/ae.safetensors", "--json")
    assert said.code == 0, said.out
    assert outcomes(said) == {(name, model): None for name in "ab" for model in (SDXL, "vae/ae.safetensors")}
    assert all(one["seconds"] >= 0 for one in said.json["engines"])


def test_nothing_is_kept_of_it(fleet, background_sandbox, tmp_path):
    fleet("engines", "warm", "sd_xl_base_1.0", "--engine", "a")
    assert fleet("history", "--engine", background_sandbox.url).out.count("SaveImage") == 0
    assert fleet("jobs", "list", "--json").json["jobs"] == []


def test_only_the_engine_that_is_named_does(fleet):
    said = fleet("engines", "warm", "sd_xl_base_1.0", "--engine", "b")
    assert said.code == 0
    (line,) = said.out.splitlines()[1:]
    assert line.split()[:3] == ["b", SDXL, "loaded"]


def test_name_and_set_of_the_manifest_are_understood(fleet):
    assert set(outcomes(fleet("engines", "warm", "sdxl-base", "--engine", "a", "--json"))) == {("a", SDXL)}
    loaded = outcomes(fleet("engines", "warm", "template:flux-dev", "--engine", "a", "--json"))
    assert loaded == {("a", "diffusion_models/flux1-dev.safetensors"): None}


def test_model_that_an_engine_lacks_is_told_with_the_nearest(fleet):
    said = fleet("engines", "warm", "sd_xl_base_1.1.safetensors", "--engine", "a")
    assert said.code == 1
    assert "a has no such file" in said.out
    assert "sd_xl_base_1.0.safetensors" in said.out


def test_one_that_fails_does_not_keep_the_others_from_loading(fleet):
    said = fleet("engines", "warm", "nothing", "sd_xl_base_1.0", "--engine", "a", "--json")
    assert said.code == 1
    assert outcomes(said) == {("a", "nothing"): "model_reference", ("a", SDXL): None}


def test_engine_that_is_down_is_told_and_the_others_load(fleet, monkeypatch, background_sandbox):
    monkeypatch.setenv("COMFYGEN_ENGINES", f"a={background_sandbox.url} gone={DEAD}")
    said = fleet("engines", "warm", "sd_xl_base_1.0", "--json")
    assert said.code == 1
    failed = {one["engine"]: one["error"] for one in said.json["engines"]}
    assert failed["a"] is None
    assert failed["gone"]["code"] == "engine_unreachable"


def test_what_is_loaded_ahead_of_jobs_is_loaded_where_nothing_is_named(fleet, monkeypatch):
    monkeypatch.setenv("COMFYGEN_FLEET_PRELOAD", "b=sd_xl_base_1.0")
    assert outcomes(fleet("engines", "warm", "--json")) == {("b", SDXL): None}


def test_manifest_that_is_given_says_what_is_loaded(fleet, tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text("preload: {'*': [sdxl-base]}\n")
    assert set(outcomes(fleet("engines", "warm", "--manifest", own, "--json"))) == {("a", SDXL), ("b", SDXL)}


def test_nothing_that_is_named_is_refused(fleet):
    said = fleet("engines", "warm")
    assert said.code == 2
    assert "fleet.preload" in said.err


def test_unknown_engine_is_refused(fleet):
    assert fleet("engines", "warm", "sd_xl_base_1.0", "--engine", "c").code == 2
    assert fleet("engines", "free", "c").code == 2


def test_every_engine_is_freed(fleet):
    said = fleet("engines", "free")
    assert said.code == 0
    assert [line.split()[:2] for line in said.out.splitlines()[1:]] == [["a", "freed"], ["b", "freed"]]


def test_engine_that_cannot_be_freed_is_told(fleet, monkeypatch, background_sandbox):
    monkeypatch.setenv("COMFYGEN_ENGINES", f"a={background_sandbox.url} gone={DEAD}")
    said = fleet("engines", "free", "--json")
    assert said.code == 1
    assert [(one["engine"], one["error"] is None) for one in said.json["engines"]] == [("a", True), ("gone", False)]
    assert "failed" in fleet("engines", "free", "gone").out


def test_json_names_a_model_only_where_there_is_one():
    assert "model" not in Done("a").as_json()
    assert Done("a", "x").as_json()["model"] == "x"
