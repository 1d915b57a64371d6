"""What the doctor makes of what it sees."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from comfy_gen.app.doctor.extras import EXTRAS
from comfy_gen.app.doctor.finding import State, worst
from comfy_gen.app.doctor.judgement import judge
from comfy_gen.app.doctor.sights import (
    DatabaseSight,
    DiskSight,
    EngineSight,
    InstanceSight,
    PortSight,
    Sights,
    StoreSight,
)
from comfy_gen.config import Settings
from comfy_gen.engines.capability import Capability
from comfy_gen.workflows.catalogue import load_template, template_names

TEMPLATES = {name: load_template(name) for name in template_names()}
CLASSES = frozenset(node["class_type"] for one in TEMPLATES.values() for node in one.workflow.values())
SD15 = TEMPLATES["sd15"].models[0].file
HAS_SD15 = Capability(CLASSES, {"checkpoints": frozenset({SD15})})
ENGINE = EngineSight("gpu-1", "http://127.0.0.1:8188", version="ComfyUI 0.3.75", capability=HAS_SD15, clock_ahead=0.2)
DISK = DiskSight(Path("/data"), "jobs and outputs", 400 * 10**9, 500 * 10**9)
WELL = Sights(
    engines=(ENGINE,),
    database=DatabaseSight("sqlite:///jobs.db"),
    store=StoreSight("/data/artifacts"),
    disks=(DISK,),
    port=PortSight("127.0.0.1", 8000, is_free=True),
    instances=(),
    installed={extra.name: True for extra in EXTRAS},
)


def found(sights, settings=None):
    return {(one.area, one.subject): one for one in judge(sights, settings or Settings(), TEMPLATES)}


def seen(**values):
    return replace(WELL, **values)


def test_well_installation_has_nothing_to_mend_but_models():
    findings = found(WELL)
    assert worst(findings.values()) is State.NOTE
    assert {one.area for one in findings.values() if one.state is not State.OK} == {"templates"}
    assert findings["engines", "gpu-1"].said == "ComfyUI 0.3.75 at http://127.0.0.1:8188, 0 in its queue"
    assert findings["templates", "sd15"].said == "runs on gpu-1"
    assert findings["templates", "comfygen generate"].said == "uses sd15"


def test_missing_models_are_named_with_the_command_that_fetches_them():
    sdxl = found(WELL)["templates", "sdxl"]
    assert sdxl.said == "no engine has sd_xl_base_1.0.safetensors"
    assert sdxl.mend == "comfygen models download template:sdxl"


def test_engine_that_lacks_least_is_the_one_of_which_is_told():
    bare = replace(ENGINE, name="bare", capability=Capability(frozenset(), {"checkpoints": frozenset()}))
    assert "nodes" not in found(seen(engines=(bare, ENGINE)))["templates", "sdxl"].said
    sdxl = found(seen(engines=(bare,)))["templates", "sdxl"]
    assert sdxl.said.startswith("no engine has the nodes CLIPTextEncode, CheckpointLoaderSimple, ")
    assert sdxl.mend == "comfygen workflow import sdxl --check"


def test_no_picture_can_be_made_where_no_engine_has_a_checkpoint():
    empty = replace(ENGINE, capability=Capability(CLASSES, {"checkpoints": frozenset()}))
    usual = found(seen(engines=(empty,)))["templates", "comfygen generate"]
    assert (usual.state, usual.mend) == (State.PROBLEM, "comfygen models download")


def test_other_checkpoint_is_told_that_a_prompt_would_be_painted_with():
    own = replace(ENGINE, capability=Capability(CLASSES, {"checkpoints": frozenset({"dreamy.safetensors"})}))
    assert found(seen(engines=(own,)))["templates", "comfygen generate"].said == "uses sd15 with dreamy.safetensors"


def test_engine_that_does_not_answer_is_a_problem():
    down = EngineSight("gpu-1", "http://127.0.0.1:8188", error="connection refused", is_unreachable=True)
    findings = found(seen(engines=(down,)))
    assert findings["engines", "gpu-1"].said == "http://127.0.0.1:8188: connection refused"
    assert findings["engines", "gpu-1"].mend == "comfygen service start"
    assert findings["templates", "all"].state is State.NOTE
    away = replace(down, address="http://gpu-9:8188")
    assert found(seen(engines=(away,)))["engines", "gpu-1"].mend == "COMFYUI_API_BASE=URL names another"
    two = found(seen(engines=(ENGINE, replace(down, name="gpu-2"))))
    assert two["engines", "gpu-2"].mend == "comfygen engines check gpu-2"


def test_engine_of_this_machine_is_begun_if_there_is_one_and_installed_if_there_is_none():
    down = EngineSight("gpu-1", "http://127.0.0.1:8188", error="connection refused", is_unreachable=True)
    missing = found(seen(engines=(down,), has_comfyui=False))
    assert missing["engines", "gpu-1"].mend == "comfygen service install && comfygen service start"
    other = replace(down, error="what answers is not a ComfyUI", is_unreachable=False)
    assert found(seen(engines=(other,)))["engines", "gpu-1"].mend == "COMFYUI_API_BASE=URL names another"


def test_engine_that_is_a_stopped_instance_of_this_machine_is_started():
    down = EngineSight("gpu-0", "http://localhost:8188", error="connection refused", is_unreachable=True)
    asleep = InstanceSight("gpu0", "http://127.0.0.1:8188", is_running=False, said="does not run")
    start = "comfygen service start --instance gpu0"
    for engines in ((down,), (down, ENGINE)):
        assert found(seen(engines=engines, instances=(asleep,)))["engines", "gpu-0"].mend == start
    for other in (replace(asleep, is_running=True), replace(asleep, url="http://127.0.0.1:8189")):
        assert (
            found(seen(engines=(down,), instances=(other,)))["engines", "gpu-0"].mend == "comfygen engines check gpu-0"
        )


def test_engine_that_commands_ask_and_the_queue_does_not_know_is_told_of():
    aside = EngineSight("aside", "http://127.0.0.1:8771", capability=Capability(CLASSES), is_queued=False)
    findings = found(seen(engines=(ENGINE, aside)))
    assert findings["engines", "aside"].mend == "comfygen engines add http://127.0.0.1:8771"
    assert findings["templates", "comfygen generate"].state is State.PROBLEM  # it has no model, whatever others have
    down = replace(aside, capability=None, error="connection refused", is_unreachable=True)
    assert found(seen(engines=(ENGINE, down)))["engines", "aside"].state is State.NOTE
    usual = Settings()
    chosen = replace(usual, comfyui=replace(usual.comfyui, url=aside.address))
    one = found(seen(engines=(ENGINE, down)), chosen)["engines", "aside"]
    assert (one.state, one.mend) == (State.WARNING, "COMFYUI_API_BASE=URL names another")


def test_engine_without_a_socket_is_warned_of():
    findings = judge(seen(engines=(replace(ENGINE, has_socket=False),)), Settings(), TEMPLATES)
    assert [one.state for one in findings if one.area == "engines"] == [State.OK, State.WARNING]


@pytest.mark.parametrize(
    ("database", "state", "said"),
    [
        ({"error": "it is locked", "advice": "wait"}, State.PROBLEM, "db: it is locked"),
        ({"is_made": False}, State.OK, "db: not made yet, the first job makes it"),
        ({"waiting": 1200, "active": 3}, State.OK, "db: 1,200 wait, 3 run"),
    ],
)
def test_database_is_told_of(database, state, said):
    one = found(seen(database=DatabaseSight("db", **database)))["database", "jobs"]
    assert (one.state, one.said) == (state, said)


def test_what_went_wrong_before_is_pointed_at():
    findings = found(seen(database=DatabaseSight("db", failed=2, undelivered=1, is_paused=True)))
    assert findings["database", "failures"].mend == "comfygen jobs list --state failed"
    assert findings["database", "webhooks"].state is State.WARNING
    assert findings["database", "queue"].mend == "comfygen jobs resume --queue"


@pytest.mark.parametrize(
    ("store", "state", "mend"),
    [
        (StoreSight("b", is_bucket=True), State.OK, ""),
        (StoreSight("b", is_bucket=True, is_made=False), State.NOTE, "comfygen storage create-bucket"),
        (StoreSight("folder", is_made=False), State.OK, ""),
        (StoreSight("b", is_bucket=True, error="refused", advice="log in"), State.PROBLEM, "log in"),
    ],
)
def test_storage_is_told_of(store, state, mend):
    one = found(seen(store=store))["storage", "outputs"]
    assert (one.state, one.mend) == (state, mend)
    assert one.said.startswith(f"{store.name}: ")


@pytest.mark.parametrize(
    ("port", "state", "said"),
    [
        ({"is_free": True}, State.OK, "free for comfygen serve"),
        ({"is_free": False, "serves": "0.9"}, State.OK, "comfygen 0.9 serves there"),
        ({"is_free": False}, State.WARNING, "another program listens there"),
        ({"is_free": False, "error": "permission denied"}, State.WARNING, "permission denied"),
    ],
)
def test_port_is_told_of(port, state, said):
    one = found(seen(port=PortSight("127.0.0.1", 8000, **port)))["service", "127.0.0.1:8000"]
    assert (one.state, one.said) == (state, said)


def test_extra_that_the_settings_ask_for_is_a_problem_where_it_is_missing():
    settings = replace(Settings(), cache=replace(Settings().cache, kind="redis"))
    findings = found(seen(installed={}), settings)
    assert findings["extras", "redis"].state is State.PROBLEM
    assert findings["extras", "redis"].mend == "pip install 'comfygen-server[redis]'"
    assert findings["extras", "clip"].state is State.NOTE


@pytest.mark.parametrize(("free", "state"), [(10**9 - 1, State.PROBLEM), (10**9, State.WARNING), (10**10, State.OK)])
def test_full_disk_is_told_of(free, state):
    one = found(seen(disks=(replace(DISK, free=free),)))["disk", "/data"]
    assert one.state is state
    assert bool(one.mend) == (state is not State.OK)


@pytest.mark.parametrize(
    ("ahead", "state", "said"),
    [
        (-5.0, State.OK, "goes with this machine's"),
        (6.0, State.WARNING, "goes 6 s before this machine's"),
        (-3600.0, State.PROBLEM, "goes 3,600 s after this machine's"),
    ],
)
def test_clocks_are_compared(ahead, state, said):
    one = found(seen(database=DatabaseSight("db", clock_ahead=ahead)))["clock", "the database"]
    assert (one.state, one.said) == (state, said)


def test_instance_that_does_not_run_comes_with_the_command_that_starts_it():
    asleep = InstanceSight("gpu0", "http://127.0.0.1:8188", is_running=False, said="does not run")
    one = found(seen(instances=(asleep,)))["this machine", "gpu0"]
    assert (one.state, one.mend) == (State.NOTE, "comfygen service start --instance gpu0")
    awake = replace(asleep, is_running=True, said="runs as process 7 at http://127.0.0.1:8188")
    assert found(seen(instances=(awake,)))["this machine", "gpu0"].mend == ""
