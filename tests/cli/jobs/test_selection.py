from __future__ import annotations

from types import SimpleNamespace

import pytest

from comfy_gen.cli.jobs.selection import PAGE, Meant, every_job, read_states
from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.records import JobFilter, Page


class Pages:
    """A store of so many jobs, which are numbers here; it remembers what it was asked for."""

    def __init__(self, count):
        self.count = count
        self.asked = []

    async def list(self, _, limit, cursor):
        self.asked.append(limit)
        start = int(cursor or 0)
        stop = min(start + limit, self.count)
        return Page([*range(start, stop)], str(stop) if stop < self.count else None)


async def listed(store, limit=None):
    return [job async for job in every_job(SimpleNamespace(store=store), JobFilter(), limit)]


async def test_all_are_read_page_by_page():
    store = Pages(2 * PAGE + 3)
    assert await listed(store) == [*range(2 * PAGE + 3)]
    assert store.asked == [PAGE] * 3


async def test_no_more_is_read_than_is_wanted():
    store = Pages(9 * PAGE)
    assert await listed(store, PAGE + 3) == [*range(PAGE + 3)]
    assert store.asked == [PAGE, 3]
    assert await listed(Pages(2), 20) == [0, 1]
    assert await listed(Pages(0), 20) == []


def test_words_for_several_states_are_understood():
    assert read_states(["Queued"]) == [JobState.QUEUED]
    assert read_states(["active", "generating"]) == [
        *(JobState.PREPROCESSING, JobState.GENERATING, JobState.POSTPROCESSING)
    ]
    assert len(read_states(["ended"])) == 4
    with pytest.raises(InvalidParameterError, match="one of queued, ") as caught:
        read_states(["complete"])
    assert "completed" in caught.value.hint


def test_everything_is_meant_only_where_nothing_narrows_it():
    assert Meant(all=True).says_all
    assert not Meant().says_all
    assert not Meant(all=True, owner="anna").says_all
