from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from comfy_gen.errors import InvalidParameterError, InvalidRequestError
from comfy_gen.supervisor.instance import Instance, check_instance, command_of, folders_of
from comfy_gen.supervisor.layout import Layout

OWN = Instance("default", Path("/comfy"))
CLONE = Layout(Path("/comfy"), Path("/comfy/venv/bin/python"))
PACKAGED = Layout(Path("/comfy/venv/tree"), Path("/comfy/venv/bin/python"), base=Path("/comfy"), is_packaged=True)
STATE = Path("/state/gpu1")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8188"),
        ("0.0.0.0", "http://127.0.0.1:8188"),
        ("::", "http://[::1]:8188"),
        ("10.0.0.7", "http://10.0.0.7:8188"),
    ],
)
def test_url_is_one_that_somebody_on_this_machine_can_open(host: str, url: str):
    assert replace(OWN, host=host).url == url


def test_it_comes_back_as_it_was_kept():
    every = Instance("gpu1", Path("/comfy"), Path("/py"), "", "::1", 8190, False, 1, ("--fast", "a b"), True)

    assert Instance.from_json(every.as_json()) == every
    assert Instance.from_json(OWN.as_json() | {"later": 1}) == OWN


def test_differences_are_told_as_a_person_would():
    other = replace(OWN, port=8189, is_supervised=True, arguments=("--fast",))

    assert OWN.differences(other) == "port: 8188, not 8189; arguments: none, not --fast; supervised: no, not yes"
    assert not OWN.differences(OWN)


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        (("127.0.0.1", 8188), ("127.0.0.1", 8188), False),
        (("127.0.0.1", 8188), ("127.0.0.1", 8189), True),
        (("127.0.0.1", 8188), ("10.0.0.7", 8188), True),
        (("0.0.0.0", 8188), ("10.0.0.7", 8188), False),
    ],
)
def test_two_share_a_port_only_at_different_addresses(one: tuple[str, int], other: tuple[str, int], may: bool):
    first, second = (replace(OWN, host=host, port=port) for host, port in (one, other))

    assert first.may_share(second) is may


def test_what_can_be_meant_passes():
    check_instance(OWN)
    check_instance(replace(OWN, name="gpu0", host="localhost", cuda_device=0, arguments=("--preview-method", "auto")))
    check_instance(replace(OWN, container="comfy"))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"name": "../up"}, "instance"),
        ({"name": ""}, "instance"),
        ({"port": 0}, "port"),
        ({"port": 70_000}, "port"),
        ({"host": "0.0.0.0,::"}, "host"),
        ({"host": "999.1.1.1"}, "host"),
        ({"host": "--cpu"}, "host"),
        ({"is_cpu": True, "cuda_device": 0}, "cuda_device"),
        ({"cuda_device": -1}, "cuda_device"),
        ({"arguments": ("--port=1",)}, "arguments"),
        ({"container": "comfy", "arguments": ("--fast",)}, "arguments"),
        ({"container": "comfy", "is_supervised": True}, "supervise"),
    ],
)
def test_what_cannot_be_meant_is_told(changes: dict[str, object], name: str):
    with pytest.raises(InvalidParameterError) as caught:
        check_instance(replace(OWN, **changes))

    assert caught.value.name == name


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(InvalidRequestError) as caught:
        check_instance(replace(OWN, name="A", port=-1, arguments=("--listen", "--cpu")))

    assert len(caught.value.errors) == 4


def test_own_comfyui_is_started_with_nothing_moved():
    assert command_of(OWN, CLONE, STATE) == [
        *("/comfy/venv/bin/python", "main.py", "--listen", "127.0.0.1", "--port", "8188", "--disable-auto-launch")
    ]
    assert folders_of(OWN, CLONE, STATE) == []


def test_device_and_arguments_are_handed_on_the_arguments_last():
    assert command_of(replace(OWN, is_cpu=True, arguments=("--fast",)), CLONE, STATE)[-2:] == ["--cpu", "--fast"]
    assert command_of(replace(OWN, cuda_device=1), CLONE, STATE)[-2:] == ["--cuda-device", "1"]


def test_second_one_has_folders_and_a_database_of_its_own():
    command = command_of(replace(OWN, name="gpu1"), CLONE, STATE)

    assert command[command.index("--disable-auto-launch") + 1 :] == [
        *("--temp-directory", "/state/gpu1", "--output-directory", "/state/gpu1/output"),
        *("--user-directory", "/state/gpu1/user", "--database-url", "sqlite:////state/gpu1/comfyui.db"),
    ]
    assert folders_of(replace(OWN, name="gpu1"), CLONE, STATE) == [STATE / "output", STATE / "user"]


def test_packaged_one_is_told_where_its_files_are():
    command = command_of(OWN, PACKAGED, STATE)

    assert command[command.index("--disable-auto-launch") + 1 :] == [
        *("--base-directory", "/comfy", "--front-end-root", "/state/gpu1/front-end", "--disable-all-custom-nodes"),
        *("--disable-api-nodes", "--database-url", "sqlite:////comfy/user/comfyui.db"),
    ]
    assert {Path("/comfy/user"), STATE / "front-end"} <= set(folders_of(OWN, PACKAGED, STATE))


def test_comfyui_without_a_database_is_told_of_none():
    old = replace(CLONE, has_database=False)

    assert "--database-url" not in command_of(replace(OWN, name="gpu1"), old, STATE)


def test_second_packaged_one_has_one_database():
    assert command_of(replace(OWN, name="gpu1"), PACKAGED, STATE).count("--database-url") == 1
