from __future__ import annotations

from tests.chaos.mischief import Field, Trick, plan

FIELD = Field(engines=8, workers=2, submitters=2, has_takeover=True)


def test_seed_gives_the_same_mischief_again_and_each_trick_at_least_once() -> None:
    made = plan(7, FIELD, seconds=60.0, every=1.0)
    assert made == plan(7, FIELD, seconds=60.0, every=1.0) != plan(8, FIELD, seconds=60.0, every=1.0)
    assert len(made) == 60
    assert {one.trick for one in made} == set(Trick)
    assert [one.at for one in made] == sorted(one.at for one in made)


def test_only_what_is_there_is_played_with() -> None:
    counts = {Trick.KILL_WORKER: 2, Trick.FREEZE_WORKER: 2, Trick.KILL_SUBMITTER: 2, Trick.FILL_DISK: 1}
    for one in plan(1, FIELD, seconds=600.0, every=1.0):
        assert one.target < counts.get(one.trick, 13 if one.trick is Trick.CANCEL else 8)


def test_worker_is_frozen_for_longer_than_a_heartbeat_where_others_take_its_jobs() -> None:
    frozen = [one for one in plan(1, FIELD, seconds=600.0, every=1.0) if one.trick is Trick.FREEZE_WORKER]
    assert min(one.seconds for one in frozen) > 9.0
