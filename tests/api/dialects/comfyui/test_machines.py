"""What engines tell of their machines adds up to one ComfyUI's."""

from __future__ import annotations

from typing import Any

import pytest

from comfy_gen.api.dialects.comfyui.machines import together

OWN = {
    "os": "posix",
    "ram_total": 7,
    "ram_free": 3,
    "comfyui_version": "",
    "python_version": "3",
    "pytorch_version": "",
}


def told(version: str = "0.3.75", total: Any = 100, free: Any = 50, **device: Any) -> dict[str, Any]:
    system = {"os": "nt", "comfyui_version": version, "ram_total": total, "ram_free": free, "argv": ["/secret"]}
    return {"system": system, "devices": [{"name": "cuda:0", "index": 0, "vram_total": 1, **device}]}


def test_single_engine_is_told_of_as_it_is_but_for_its_paths():
    told_of = together({"a": told()}, {}, OWN)
    assert told_of["devices"] == told()["devices"]
    assert (told_of["system"]["os"], told_of["system"]["python_version"]) == ("nt", "3")
    assert "/secret" not in str(told_of)


def test_memory_of_a_computer_counts_once_and_that_of_several_adds_up():
    stats = {"a": told(total=100, free=50), "b": told(total=100, free=40), "c": told(total=10, free=1)}
    system = together(stats, {"a": "one", "b": "one"}, OWN)["system"]
    assert (system["ram_total"], system["ram_free"]) == (110, 51)


@pytest.mark.parametrize(
    ("versions", "oldest"),
    [(("0.3.75", "0.3.8"), "0.3.8"), (("v1.0", "0.9"), "0.9"), (("unknown", "1.2"), "1.2"), (("odd",), "odd")],
)
def test_version_is_the_oldest_of_all(versions, oldest):
    stats = {str(number): told(version) for number, version in enumerate(versions)}
    assert together(stats, {}, OWN)["system"]["comfyui_version"] == oldest


def test_devices_of_several_engines_have_numbers_of_their_own():
    devices = together({"a": told(), "b": told(index=None)}, {}, OWN)["devices"]
    assert [(one["index"], one["name"], one["engine"]) for one in devices] == [
        (0, "a: cuda:0", "a"),
        (1, "b: cuda:0", "b"),
    ]


def test_without_an_engine_there_is_this_machine():
    assert together({}, {}, OWN) == {"system": together({}, {}, OWN)["system"], "devices": []}
    assert together({}, {}, OWN)["system"]["ram_total"] == 7


@pytest.mark.parametrize("nonsense", [{}, {"system": None, "devices": None}, {"system": [], "devices": [None]}])
def test_nonsense_is_nothing(nonsense):
    told_of = together({"a": nonsense}, {}, OWN)
    assert told_of["system"]["ram_total"] == 0
    assert told_of["devices"] in ([], [{}])


def test_memory_that_is_no_number_is_none():
    assert together({"a": told(total="much", free=-1)}, {}, OWN)["system"]["ram_total"] == 0
