from __future__ import annotations

from comfy_gen.cli.models.engines import EngineModels
from comfy_gen.cli.models.missing import readiness_of
from comfy_gen.engines.registry import make_entry
from comfy_gen.models.manifest import load_manifest
from comfy_gen.workflows.catalogue import load_template


def engine(name, **models):
    return EngineModels(make_entry(f"http://{name}:1", name=name, tags=(), weight=1, depth=1, taken=()), models)


def test_workflow_is_measured_on_the_engine_that_lacks_the_least():
    engines = [engine("bare"), engine("half", vae=["ae.safetensors"]), engine("other", loras=["a"])]
    (flux,) = readiness_of([load_template("flux-dev")], engines, load_manifest())
    assert flux.engine == "half"
    assert "vae/ae.safetensors" not in {f"{one.folder}/{one.file}" for one in flux.coverage.missing}
    told = flux.as_json()
    assert (told["workflow"], told["engine"], told["complete"]) == ("flux-dev", "half", False)
    assert {one["is_there"] for one in told["needs"]} == {True, False}


def test_models_that_lie_on_two_engines_do_not_make_a_workflow_ready():
    needs = [(one.folder, one.file) for one in load_template("flux-dev").models]
    halves = [engine("a", **{needs[0][0]: [needs[0][1]]}), engine("b", **{needs[-1][0]: [needs[-1][1]]})]
    (flux,) = readiness_of([load_template("flux-dev")], halves, load_manifest())
    assert not flux.coverage.is_complete
