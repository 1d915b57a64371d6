"""What waits for a socket is bounded, however slowly its client reads."""

from __future__ import annotations

import pytest

from comfy_gen.api.dialects.comfyui.frames import Picture
from comfy_gen.api.dialects.comfyui.outgoing import MOST, MOST_PASSING, Outgoing
from tests.api.dialects.comfyui.telling import taken


def picture(size: int = 1, *, mark: bytes = b"p", is_passing: bool = True, is_early: bool = False) -> Picture:
    return Picture(mark * size, b"label" + mark * size, is_passing, is_early)


async def test_messages_come_in_their_order():
    outgoing = Outgoing()
    for text in ("1", "2"):
        outgoing.tell(text)
    outgoing.show(picture(mark=b"3"))
    assert await taken(outgoing) == [1, 2, b"3"]


async def test_client_gets_pictures_the_way_it_takes_them():
    outgoing = Outgoing()
    outgoing.wants_labels = True
    outgoing.show(picture())
    assert await taken(outgoing) == [b"labelp"]


async def test_picture_of_a_step_comes_after_it_to_those_who_take_no_labels():
    """ComfyUI behaviour: with its label it comes before the step."""
    plain, labelled = Outgoing(), Outgoing()
    labelled.wants_labels = True
    for outgoing in (plain, labelled):
        outgoing.show(picture(is_early=True))
        outgoing.tell("1")
    assert await taken(plain) == [1, b"p"]
    assert await taken(labelled) == [b"labelp", 1]


async def test_picture_without_a_step_comes_before_the_next_picture():
    outgoing = Outgoing()
    outgoing.show(picture(mark=b"a", is_early=True))
    outgoing.show(picture(mark=b"b", is_early=True))
    outgoing.tell("1")
    assert await taken(outgoing) == [b"a", 1, b"b"]


async def test_new_pictures_take_the_place_of_those_that_nobody_has_fetched():
    outgoing = Outgoing()
    outgoing.show(picture(MOST_PASSING, mark=b"a"))
    outgoing.tell("1")
    outgoing.show(picture(mark=b"b"))
    assert await taken(outgoing) == [1, b"b"]


async def test_pictures_that_are_results_are_not_dropped():
    outgoing = Outgoing()
    outgoing.show(picture(MOST_PASSING, mark=b"a", is_passing=False))
    outgoing.show(picture(MOST_PASSING, mark=b"b", is_passing=False))
    assert [one[:1] for one in await taken(outgoing)] == [b"a", b"b"]


async def test_who_does_not_read_at_all_is_given_up_and_holds_nothing():
    outgoing = Outgoing()
    for _ in range(3):
        outgoing.tell("x" * MOST)
    assert outgoing.is_given_up
    outgoing.tell("more")
    with pytest.raises(StopAsyncIteration):
        await anext(outgoing)


async def test_who_is_slow_for_a_moment_loses_pictures_first():
    outgoing = Outgoing()
    outgoing.show(picture(mark=b"a"))
    outgoing.tell("1" * MOST)
    outgoing.tell("2")
    assert not outgoing.is_given_up
    assert await anext(outgoing) == "1" * MOST


async def test_nothing_comes_once_it_is_closed():
    outgoing = Outgoing()
    outgoing.tell("1")
    outgoing.close()
    assert [one async for one in outgoing] == []
    assert not outgoing.is_given_up
