from __future__ import annotations

from dataclasses import replace

from tests.chaos.figures import measure
from tests.chaos.shown import listed, spread
from tests.chaos.test_checker import JOB_ID, RECORD, evidence
from tests.chaos.troubles import Spell

ENDED = replace(RECORD, job=replace(RECORD.job, ended=10.0))


def test_work_that_went_on_is_measured_from_the_end_of_each_spell() -> None:
    spells = [Spell("redis: killed", 1.0, 4.0), Spell("redis: slow", 8.0, 12.0), Spell("redis: killed", 5.0, 9.5)]
    figures = measure(evidence(ENDED), [], spells, seconds=12.0)
    assert figures.went_on == {"redis: killed": [6.0, 0.5], "redis: slow": []}
    assert figures.meanwhile == {"redis: killed": 0, "redis: slow": 1}


def test_what_was_accepted_lost_and_doubled_is_counted() -> None:
    whole = measure(evidence(ENDED), [])
    assert (whole.accepted, whole.lost, whole.doubled) == (1, 0, 0)
    lost = measure(evidence(records={}), [])
    assert (lost.accepted, lost.lost, lost.doubled) == (1, 1, 0)
    doubled = measure(evidence(records={JOB_ID: ENDED, "other": ENDED}), [])
    assert (doubled.accepted, doubled.lost, doubled.doubled) == (1, 0, 1)


def test_figures_are_said_in_words() -> None:
    assert listed({"failed": 1, "completed": 3}) == "3 completed, 1 failed"
    assert listed({}) == "none"
    assert spread([]) == "never"
    assert spread([1.25]) == "within 1.2 s"
    assert spread([3.0, 1.0, 2.0]) == "1.0 s at best, 2.0 s in the middle, 3.0 s at worst"
