"""The entry of the service's own sandbox, on SQLite and on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from comfy_gen.engines.registry import make_entry
from comfy_gen.errors import DuplicateEngineError

if TYPE_CHECKING:
    from comfy_gen.jobs.roster import Roster
    from tests.contracts.job_stores import Desk

ONE, OTHER = (make_entry(f"http://127.0.0.1:{port}", name="sandbox") for port in (4_001, 4_002))


@pytest.fixture
def roster(desk: Desk) -> Roster:
    return desk.store.roster


async def test_there_is_none_until_it_is_entered(roster: Roster):
    await roster.add_engine(ONE)
    assert await roster.sandbox() is None


async def test_it_is_an_engine_like_others(roster: Roster, desk: Desk):
    assert await roster.enter_sandbox(ONE) == ONE
    assert await roster.sandbox() == ONE
    assert await roster.engines() == [ONE]
    assert "engines" in desk.signals.told


async def test_it_moves_and_stays_what_it_was(roster: Roster):
    await roster.enter_sandbox(ONE)
    await roster.set_engine_state("sandbox", "draining")
    assert await roster.enter_sandbox(OTHER, instead_of=ONE.url) == replace(OTHER, state="draining")
    assert await roster.engines() == [replace(OTHER, state="draining")]


async def test_of_two_that_would_be_it_the_first_is(roster: Roster):
    await roster.enter_sandbox(ONE)
    assert await roster.enter_sandbox(OTHER) == ONE
    third = make_entry("http://127.0.0.1:4003", name="sandbox")
    assert await roster.enter_sandbox(OTHER, instead_of=ONE.url) == OTHER
    assert await roster.enter_sandbox(third, instead_of=ONE.url) == OTHER
    assert await roster.sandbox() == OTHER


async def test_it_is_forgotten_when_it_is_struck_off(roster: Roster):
    await roster.enter_sandbox(ONE)
    await roster.remove_engine("sandbox")
    assert await roster.sandbox() is None
    assert await roster.enter_sandbox(OTHER) == OTHER


async def test_another_engine_of_its_name_stays(roster: Roster):
    await roster.add_engine(OTHER)
    with pytest.raises(DuplicateEngineError):
        await roster.enter_sandbox(ONE)
    assert await roster.sandbox() is None
    assert await roster.engines() == [OTHER]


async def test_another_engine_that_settings_put_in_its_place_is_not_it(roster: Roster):
    await roster.enter_sandbox(ONE)
    await roster.enter_engines([OTHER])
    assert await roster.sandbox() is None
