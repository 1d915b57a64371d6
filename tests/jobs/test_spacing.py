from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.spacing import Room, Spot, make_room


def spots(ranks: list[int]) -> list[Spot]:
    return [Spot(rank, seq, JobId(str(seq)), is_held=False) for seq, rank in enumerate(sorted(ranks))]


def room_in(line: list[Spot], place: int, *, is_after: bool = True) -> Room:
    return make_room(reversed(line[:place]), iter(line[place:]), is_after=is_after)


@given(st.lists(st.integers(-20, 20), min_size=1), st.data(), st.booleans())
def test_there_is_room_and_all_others_keep_their_order(ranks: list[int], data: st.DataObject, is_after: bool):
    line = spots(ranks)
    place = data.draw(st.integers(0, len(line)))
    room = room_in(line, place, is_after=is_after)
    by = {shift.spot.job_id: shift.by for shift in room.shifts}
    assert len(by) == len(room.shifts)
    moved = [one._replace(rank=one.rank + by.get(one.job_id, 0)) for one in line]
    assert moved == sorted(moved)
    assert all(one.rank < room.rank for one in moved[:place])
    assert all(one.rank > room.rank for one in moved[place:])


@given(st.lists(st.integers(-20, 20), min_size=2), st.data())
def test_no_more_give_way_than_on_the_side_where_it_takes_fewer(ranks: list[int], data: st.DataObject):
    line = spots(ranks)
    place = data.draw(st.integers(1, len(line) - 1))
    assert len(room_in(line, place).shifts) <= min(place, len(line) - place)


@pytest.mark.parametrize(("is_after", "rank"), [(True, 1), (False, 99)])
def test_job_goes_next_to_the_one_that_was_named(is_after: bool, rank: int):
    assert room_in(spots([0, 100]), 1, is_after=is_after) == Room(rank)


def test_those_who_are_far_apart_stay_where_they_are():
    line = spots([0, 1, 2, 3, 9, 10])
    assert {shift.spot.rank: shift.by for shift in room_in(line, 3).shifts} == {3: 1}


def test_it_is_a_bug_to_ask_for_room_where_nobody_is():
    with pytest.raises(AssertionError):
        room_in([], 0)
