from __future__ import annotations

import pytest

from tests.chaos.test_checker import EVENTS, JOB_ID, RECORD, evidence
from tests.chaos.visitors import Ledger, Visit, check_visits

NUMBERS = [event.number for event in EVENTS]


def found(visit: Visit) -> list[str]:
    return [violation.rule for violation in check_visits(Ledger({visit.job_id: visit}), evidence(RECORD))]


def test_client_that_was_told_all_of_it_has_nothing_to_complain_of() -> None:
    assert found(Visit(JOB_ID, NUMBERS, 2, "completed")) == []
    assert found(Visit(JOB_ID, [number for number in NUMBERS if number != 9], 0, "completed")) == []  # progress
    assert found(Visit(JOB_ID, [], 0, "completed")) == []  # it asked, and followed no stream


@pytest.mark.parametrize(
    ("rule", "visit"),
    [
        ("told the end", Visit(JOB_ID, NUMBERS, 0, "failed")),
        ("told the end", Visit(JOB_ID, NUMBERS)),
        ("streams", Visit(JOB_ID, NUMBERS[1:], 0, "completed")),
        ("streams", Visit(JOB_ID, [*NUMBERS[:3], *NUMBERS[2:]], 1, "completed")),
    ],
)
def test_client_that_was_told_something_else_is_found(rule: str, visit: Visit) -> None:
    assert found(visit) == [rule]
