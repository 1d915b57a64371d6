"""What an engine tells of its machine, and what is made of nonsense."""

from __future__ import annotations

import math

import pytest

from comfy_gen.engines.machine import Machine, Memory, machine_of

SYSTEM = {"ram_total": 100, "ram_free": 60}
DEVICE = {"name": "cuda:0", "type": "cuda", "vram_total": 50, "vram_free": 20}


def memory_of(system=SYSTEM, devices=(DEVICE,)):
    return machine_of({"system": system, "devices": list(devices)}).memory


def test_memory_is_that_of_the_device_and_the_computer():
    assert memory_of() == Memory("cuda:0", ram_total=100, ram_free=60, vram_total=50, vram_free=20)


def test_of_several_devices_the_largest_counts():
    small = DEVICE | {"name": "cuda:1", "vram_total": 10}
    assert memory_of(devices=[small, DEVICE, small]).device == "cuda:0"


def test_numbers_with_a_point_are_bytes_too():
    assert memory_of(devices=[DEVICE | {"vram_free": 20.0}]).vram_free == 20


def test_device_without_a_name_is_told_by_its_kind():
    assert memory_of(devices=[DEVICE | {"name": None}]).device == "cuda"


@pytest.mark.parametrize("value", [None, "1", -1, True, math.nan, math.inf, 2**63, [1], {}])
def test_nonsense_is_no_memory(value):
    assert memory_of(devices=[DEVICE | {"vram_total": value}]) is None
    assert memory_of(system=SYSTEM | {"ram_free": value}) is None


@pytest.mark.parametrize(
    "stats",
    [{}, {"system": None, "devices": None}, {"system": [], "devices": {}}, {"system": SYSTEM, "devices": [1, None]}],
    ids=str,
)
def test_stranger_tells_nothing(stats):
    assert machine_of(stats) == Machine()


def test_sandbox_says_so():
    assert machine_of({"system": {"comfygen_sandbox": "1"}}).is_sandbox
    assert not machine_of({"system": SYSTEM}).is_sandbox
