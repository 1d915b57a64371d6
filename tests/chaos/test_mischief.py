from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from tests.chaos.mischief import ALL, Field, Trick, plan

FIELD = Field(engines=8, workers=2, submitters=2, has_takeover=True)


def test_seed_gives_the_same_mischief_again_and_each_trick_at_least_once() -> None:
    made = plan(7, FIELD, seconds=60.0, every=1.0)
    assert made == plan(7, FIELD, seconds=60.0, every=1.0) != plan(8, FIELD, seconds=60.0, every=1.0)
    assert len(made) == 60
    assert {one.trick for one in made} == set(ALL)
    assert [one.at for one in made] == sorted(one.at for one in made)


def test_only_what_is_there_is_played_with() -> None:
    counts = {Trick.KILL_WORKER: 2, Trick.FREEZE_WORKER: 2, Trick.KILL_SUBMITTER: 2, Trick.FILL_DISK: 1}
    for one in plan(1, FIELD, seconds=600.0, every=1.0):
        assert one.target < counts.get(one.trick, 13 if one.trick is Trick.CANCEL else 8)


def test_worker_is_frozen_for_longer_than_a_heartbeat_where_others_take_its_jobs() -> None:
    frozen = [one for one in plan(1, FIELD, seconds=600.0, every=1.0) if one.trick is Trick.FREEZE_WORKER]
    assert min(one.seconds for one in frozen) > 9.0


def test_parts_fail_in_every_way_and_each_in_one_at_a_time() -> None:
    names = ("redis: killed", "redis: slow", "bucket: slow")
    made = plan(1, replace(FIELD, tricks=(), troubles=names), seconds=12.0, every=1.0)
    assert {one.trouble for one in made} == set(names)
    assert len(made) == 12
    for part in ("redis", "bucket"):
        spells = [(one.at, one.at + one.seconds) for one in made if one.part == part]
        assert all(end < begin for (_, end), (begin, _) in pairwise(spells))
        assert spells[-1][1] <= 12.0


def test_only_the_tricks_of_a_field_are_played() -> None:
    made = plan(1, replace(FIELD, tricks=(Trick.CANCEL,)), seconds=10.0, every=1.0)
    assert {one.trick for one in made} == {Trick.CANCEL}
