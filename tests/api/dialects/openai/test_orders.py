"""Requests that an SDK sends again by itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import count

import pytest
import pytest_asyncio

from comfy_gen.api.dialects.openai.orders import Audience, ids_of, resumed, take
from comfy_gen.app.accepting import Ask
from comfy_gen.app.caller import Caller, Scope
from comfy_gen.errors import InvalidParameterError
from comfy_gen.jobs.records import JobFilter
from comfy_gen.pipeline.request import GenerationRequest

AGAIN = {"x-stainless-retry-count": "1"}
NUMBERS = count(1)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def ask():
    """What somebody asks who never asked before."""
    caller = Caller(f"somebody-{next(NUMBERS)}", frozenset({Scope.GENERATE}))
    return Ask(caller, "digest", metadata={"openai": {"route": "image_generation"}})


@pytest_asyncio.fixture(loop_scope="module")
async def still(desk, ask):
    """The service while it begins no job."""
    await desk.service.queue.store.set_paused(is_wanted=True)
    yield desk
    await desk.service.queue.store.set_paused(is_wanted=False)


async def small(_):
    return GenerationRequest(prompt="a fox", width=64, height=64, steps=1)


async def test_request_that_comes_again_is_the_one_that_goes_on(still, ask):
    audience = Audience()
    taken = await take(still.service, ask, 2, small)

    async def again(asked=ask, headers=AGAIN, count=2):
        return ids_of(await resumed(still.service, asked, count, headers, audience))

    assert await again() == ids_of(taken)
    assert await again(headers={}) == await again(headers={"x-stainless-retry-count": "0"}) == []
    assert await again(replace(ask, digest="other")) == []
    assert await again(replace(ask, key="k")) == [], "the key says which it is"
    assert await again(replace(ask, caller=Caller("somebody else", ask.caller.scopes))) == []
    assert await again(count=3) == []


async def test_request_that_somebody_waits_for_is_nobody_else_s(still, ask):
    audience, ids = Audience(), ids_of(await take(still.service, ask, 1, small))
    async with audience.listening(ids):
        assert await resumed(still.service, ask, 1, AGAIN, audience) == []
    assert ids_of(await resumed(still.service, ask, 1, AGAIN, audience)) == ids
    async with audience.listening(ids) as told:
        told()
    assert await resumed(still.service, ask, 1, AGAIN, audience) == []


async def test_pictures_that_were_made_while_nobody_listened_are_given_to_whoever_comes_again(desk, ask):
    (taken,) = await take(desk.service, ask, 1, small)
    await desk.service.queue.watching.end(taken.job.job_id)
    (found,) = await resumed(desk.service, ask, 1, AGAIN, Audience())
    assert found.job.job_id == taken.job.job_id
    assert found.is_replay


async def test_wish_is_made_once_for_all_and_not_for_what_is_known(desk, ask):
    made = []

    async def counted(allowed):
        made.append(allowed)
        return await small(allowed)

    keyed = replace(ask, key="k" * 255)
    first = await take(desk.service, keyed, 3, counted)
    assert ids_of(await take(desk.service, keyed, 3, counted)) == ids_of(first)
    assert len(made) == 1


async def test_nothing_is_accepted_where_the_wish_cannot_be(desk, ask):
    async def never(_):
        raise InvalidParameterError("size", 1, "more")

    with pytest.raises(InvalidParameterError):
        await take(desk.service, ask, 2, never)
    assert not (await desk.service.queue.store.list(JobFilter(owner=ask.caller.owner))).jobs


async def test_audience_forgets_who_came_first():
    audience = Audience()
    audience.MOST = 2
    for name in "abc":
        async with audience.listening([name]) as told:
            await asyncio.sleep(0)
            told()
    assert ["a" in audience, "b" in audience, "c" in audience] == [False, True, True]
