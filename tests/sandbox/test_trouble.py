from __future__ import annotations

import asyncio

import pytest
from PIL import Image

from comfy_gen.sandbox.faults import Fault, Kind
from comfy_gen.sandbox.nodes.node import ReportedError
from comfy_gen.sandbox.sockets import Sockets
from comfy_gen.sandbox.trouble import Trouble


def trouble(*faults: Fault, deaths: list[float | None] | None = None) -> Trouble:
    return Trouble(faults, Sockets(), (deaths if deaths is not None else []).append)


async def test_fault_happens_at_its_step_and_once():
    made = trouble(Fault(Kind.OUT_OF_MEMORY, step=2))
    await made.strike(0)
    await made.strike(1)
    with pytest.raises(ReportedError) as caught:
        await made.strike(2)
    assert caught.value.name == "torch.OutOfMemoryError"
    await made.strike(2)


def test_slowness_adds_up_and_corruption_is_known_from_the_start():
    made = trouble(Fault(Kind.SLOW, seconds=1), Fault(Kind.SLOW, seconds=0.5), Fault(Kind.CORRUPT_OUTPUT))
    assert (made.delay, made.corrupts_output) == (1.5, True)
    assert (trouble().delay, trouble().corrupts_output) == (0, False)


@pytest.mark.parametrize(
    ("fault", "back_after"),
    [
        (Fault(Kind.DIE), None),
        (Fault(Kind.DIE, seconds=2), 2.0),
        (Fault(Kind.FORGET), 0.0),
    ],
)
async def test_death_says_when_it_ends_and_stops_the_prompt(fault: Fault, back_after: float | None):
    deaths: list[float | None] = []
    striking = asyncio.create_task(trouble(fault, deaths=deaths).strike(0))
    await asyncio.sleep(0)
    assert deaths == [back_after]
    assert not striking.done()
    striking.cancel()


def test_only_a_spoiling_fault_changes_what_is_saved():
    red = (Image.new("RGB", (8, 8), "red"),)
    inputs = {"images": red, "filename_prefix": "p"}
    assert trouble(Fault(Kind.SLOW), Fault(Kind.CORRUPT_OUTPUT)).spoil(inputs) is inputs
    spoiled = trouble(Fault(Kind.BLACK_PICTURES)).spoil(inputs)
    assert spoiled["filename_prefix"] == "p"
    assert spoiled["images"][0].getcolors() == [(64, (0, 0, 0))]


async def test_spoiling_fault_stops_nothing():
    await trouble(Fault(Kind.BLACK_PICTURES), Fault(Kind.NAN_BLOCKS)).strike(0)
