"""Requests for pictures that end otherwise than with pictures."""

from __future__ import annotations

import openai
import pytest

from comfy_gen.api.dialects.openai.visits import LONGEST, patience_of
from tests.api.dialects.openai.sketches import own_in

SMALL = {"prompt": "a pier", "size": "256x256"}


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("600", 595), ("600.0", 595), ("10", 9), ("1e9", LONGEST), ("", LONGEST), ("nan", LONGEST), ("-1", LONGEST)],
)
def test_who_says_when_they_give_up_is_answered_before(said, seconds):
    assert patience_of({"x-stainless-read-timeout": said}) == seconds
    assert patience_of({"x-stainless-timeout": said}) == seconds
    assert patience_of({}) == LONGEST


async def test_limits_are_those_of_all_faces(serve, asking):
    served = await serve(max_waiting=2)
    await served.service.queue.store.set_paused(is_wanted=True)
    async with asking(served, served.client) as sdk:
        with pytest.raises(openai.RateLimitError) as caught:
            await sdk.images.generate(n=3, **SMALL)
    assert (caught.value.code, own_in(caught.value)["code"]) == ("rate_limit_exceeded", "owner_queue_full")
    jobs = (await served.client.get("/jobs")).json()["jobs"]
    assert [one["state"] for one in jobs] == ["cancelled"] * 2, "all are made, or none"


async def test_who_waited_in_vain_is_told_where_the_job_is_and_so_is_who_asked_for_one_that_failed(served, asking):
    await served.service.queue.store.set_paused(is_wanted=True)
    async with asking(served, served.client, timeout=0.2) as sdk:
        with pytest.raises(openai.InternalServerError) as caught:
            await sdk.images.generate(**SMALL)
        assert (caught.value.status_code, caught.value.code) == (504, "not_finished")
        (job_id,) = own_in(caught.value)["details"]["job_ids"]
        assert caught.value.response.headers["x-comfygen-job-id"] == job_id
        await served.client.post(f"/jobs/{job_id}/cancel")
        with pytest.raises(openai.InternalServerError, match=f"/jobs/{job_id}") as caught:
            await sdk.images.generate(extra_headers={"x-stainless-retry-count": "1"}, **SMALL)
    assert (caught.value.code, caught.value.response.headers["x-should-retry"]) == ("cancelled", "false")
