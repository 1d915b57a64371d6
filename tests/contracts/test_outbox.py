"""What every outbox must do, on each kind of database."""

import asyncio

import pytest

from comfy_gen.errors import DeliveryNotFoundError, InvalidParameterError
from comfy_gen.jobs.ids import delivery_id_of
from comfy_gen.jobs.job import JobState, Webhook
from comfy_gen.jobs.records import Delivery, DeliveryState, Finish, Report, Selection
from tests.contracts.job_stores import Desk, artifact, open_desk

HOOK = "http://hook/"
CURIOUS = Webhook(HOOK, wants_progress=True)


async def test_end_leaves_a_webhook_for_who_wants_one(desk: Desk):
    hook = Webhook("http://hook/?token=1", {"x": 1})
    job = await desk.bring(JobState.POSTPROCESSING, webhook=hook, title="A cat")
    await desk.store.finish(job.job_id, 1, Finish(JobState.COMPLETED, [artifact(job.job_id)]), now=2000.0)
    (delivery,) = await desk.outbox.due(2000.0)
    assert delivery.delivery_id == delivery_id_of(job.job_id, "completed", 1)
    assert (delivery.url, delivery.extra_params, delivery.state) == (hook.url, {"x": 1}, JobState.COMPLETED)
    assert (delivery.body["job_id"], delivery.body["state"], delivery.body["title"]) == (
        job.job_id,
        "completed",
        "A cat",
    )
    assert delivery.body["artifacts"][0]["artifact_id"] == artifact(job.job_id).artifact_id
    assert "token" not in repr(delivery)


async def test_job_without_a_webhook_leaves_none(desk: Desk):
    job = await desk.bring(JobState.COMPLETED)
    assert await desk.outbox.due(2000.0) == await desk.outbox.deliveries(job.job_id) == []


async def test_webhook_is_given_to_one_until_its_lease_is_over(desk: Desk):
    await desk.bring(JobState.FAILED, webhook=Webhook("http://hook/"))
    async with open_desk(desk.url) as other:
        given = await asyncio.gather(*(outbox.due(1000.0, lease=60.0) for outbox in (desk.outbox, other.outbox) * 3))
    assert sorted(map(len, given)) == [0, 0, 0, 0, 0, 1]
    assert await desk.outbox.due(1059.0) == []
    assert len(await desk.outbox.due(1060.0)) == 1


async def test_webhook_that_failed_is_due_again_and_one_that_arrived_is_not(desk: Desk):
    job = await desk.bring(JobState.FAILED, webhook=Webhook("http://hook/"))
    (delivery,) = await desk.outbox.due(1000.0)
    await desk.outbox.record_delivery(
        delivery.delivery_id, status=500, error="it said no", now=1001.0, next_at=1100.0, is_done=False
    )
    assert await desk.outbox.due(1099.0) == []
    (again,) = await desk.outbox.due(1100.0)
    assert (again.delivery_id, again.tries, again.tried, again.status, again.error) == (
        delivery.delivery_id,
        1,
        1001.0,
        500,
        "it said no",
    )
    await desk.outbox.record_delivery(delivery.delivery_id, status=200, now=1101.0, next_at=1200.0, is_done=True)
    assert await desk.outbox.due(9999.0) == []
    (done,) = await desk.outbox.deliveries(job.job_id)
    assert (done.is_done, done.tries, done.error, done.next_at) == (True, 2, "", None)


async def test_webhook_that_arrived_stays_so_when_the_try_of_a_sender_that_stood_still_fails_at_last(desk: Desk):
    job = await desk.bring(JobState.FAILED, webhook=Webhook("http://hook/"))
    await desk.outbox.due(1000.0, lease=60.0)
    (delivery,) = await desk.outbox.due(1060.0, lease=60.0)
    await desk.outbox.record_delivery(delivery.delivery_id, status=200, now=1061.0, is_done=True)
    await desk.outbox.record_delivery(delivery.delivery_id, error="no answer", now=1062.0, next_at=1070.0)
    (done,) = await desk.outbox.deliveries(job.job_id)
    assert (done.is_done, done.tries, done.status, done.next_at) == (True, 1, 200, None)


async def test_second_run_has_a_webhook_of_its_own(desk: Desk):
    job = await desk.bring(JobState.FAILED, webhook=Webhook("http://hook/"))
    await desk.store.retry(Selection([job.job_id]), now=1.0)
    attempt = await desk.claim(job.job_id)
    await desk.store.finish(job.job_id, attempt, Finish(JobState.FAILED), now=2.0)
    assert len({delivery.delivery_id for delivery in await desk.outbox.deliveries(job.job_id)}) == 2


# --- news of progress


async def told(desk: Desk, job_id: str) -> list[tuple[str, str, DeliveryState]]:
    return [(one.event, str(one.state), one.standing) for one in await desk.outbox.deliveries(job_id)]


async def send_all(desk: Desk) -> list[Delivery]:
    """Receive everything that is due."""
    due = await desk.outbox.due(desk.now)
    for one in due:
        await desk.outbox.record_delivery(one.delivery_id, status=200, now=desk.now, is_done=True)
    return list(due)


async def test_each_stage_is_news_for_who_wants_progress(desk: Desk):
    job = await desk.accept(webhook=CURIOUS)
    attempt = await desk.claim(job.job_id)
    stages = [*await send_all(desk)]
    for state in (JobState.GENERATING, JobState.POSTPROCESSING):
        await desk.store.advance(job.job_id, attempt, state, now=desk.now)
        stages += await send_all(desk)
    await desk.store.finish(job.job_id, attempt, Finish(JobState.COMPLETED), now=desk.now)
    stages += await send_all(desk)
    assert [one.body["type"] for one in stages] == [*["job.progress"] * 3, "job.completed"]
    assert [one.body["state"] for one in stages] == ["preprocessing", "generating", "postprocessing", "completed"]
    assert len({one.delivery_id for one in stages}) == 4


async def test_stages_are_no_news_for_who_wants_the_end(desk: Desk):
    job = await desk.bring(JobState.GENERATING, webhook=Webhook(HOOK))
    await desk.store.report([Report(job.job_id, 1, 0.5)], now=desk.now)
    await desk.store.requeue(job.job_id, 1, None, now=desk.now)
    assert await told(desk, job.job_id) == []


async def test_each_quarter_is_news_once(desk: Desk):
    job = await desk.bring(JobState.GENERATING, webhook=CURIOUS)
    await send_all(desk)
    progress = []
    for fraction in (None, 0.1, 0.25, 0.3, 0.8, 0.9, 1.0):
        await desk.store.report([Report(job.job_id, 1, fraction)], now=desk.now)
        progress += [one.body["progress"] for one in await send_all(desk)]
    assert progress == [25, 80]


async def test_job_that_goes_back_into_the_line_is_news(desk: Desk):
    job = await desk.bring(JobState.GENERATING, webhook=CURIOUS)
    await send_all(desk)
    await desk.store.requeue(job.job_id, 1, None, now=desk.now)
    assert [one.body["state"] for one in await send_all(desk)] == ["queued"]


async def test_news_that_is_overtaken_is_not_sent(desk: Desk):
    job = await desk.bring(JobState.GENERATING, webhook=CURIOUS)
    dropped = ("progress", "preprocessing", DeliveryState.DROPPED)
    assert await told(desk, job.job_id) == [dropped, ("progress", "generating", DeliveryState.PENDING)]
    await desk.store.finish(job.job_id, 1, Finish(JobState.FAILED), now=desk.now + 1)
    end = ("end", "failed", DeliveryState.PENDING)
    assert await told(desk, job.job_id) == [dropped, ("progress", "generating", DeliveryState.DROPPED), end]


async def test_news_that_is_overtaken_on_its_way_is_not_sent_again(desk: Desk):
    job = await desk.bring(JobState.PREPROCESSING, webhook=CURIOUS)
    (sent,) = await desk.outbox.due(desk.now)
    await desk.store.finish(job.job_id, 1, Finish(JobState.FAILED), now=desk.now)
    await desk.outbox.record_delivery(sent.delivery_id, error="no answer", now=desk.now, next_at=desk.now + 5)
    known = await desk.outbox.get(sent.delivery_id)
    assert (known.standing, known.tries, known.error) == (DeliveryState.DROPPED, 1, "no answer")


# --- looked at, and sent again


async def failed_jobs(desk: Desk, count: int) -> list[Delivery]:
    """Return the webhooks of jobs that failed, oldest first."""
    found: list[Delivery] = []
    for _ in range(count):
        desk.now += 1
        job = await desk.bring(JobState.FAILED, webhook=Webhook(HOOK))
        found += await desk.outbox.deliveries(job.job_id)
    return found


async def give_up(desk: Desk, delivery: Delivery) -> None:
    await desk.outbox.record_delivery(delivery.delivery_id, status=500, error="it said no", now=desk.now)


async def test_list_has_the_newest_first_page_by_page(desk: Desk):
    written = [one.delivery_id for one in await failed_jobs(desk, 5)]
    seen: list[str] = []
    cursor = None
    for size in (2, 2, 1):
        page = await desk.outbox.list(limit=2, cursor=cursor)
        assert len(page.deliveries) == size
        seen += [one.delivery_id for one in page.deliveries]
        cursor = page.next
    assert cursor is None
    assert seen == written[::-1]


async def test_pages_of_webhooks_of_the_same_moment_repeat_none(desk: Desk):
    jobs = await desk.accept_many(3, webhook=Webhook(HOOK))
    await desk.store.cancel(Selection(jobs), now=desk.now)
    first = await desk.outbox.list(limit=2)
    second = await desk.outbox.list(limit=2, cursor=first.next)
    assert len({one.delivery_id for one in (*first.deliveries, *second.deliveries)}) == 3


async def test_list_can_be_of_one_state_and_counts_tell_of_all(desk: Desk):
    waiting, done, dead = await failed_jobs(desk, 3)
    await desk.outbox.record_delivery(done.delivery_id, status=200, now=desk.now, is_done=True)
    await give_up(desk, dead)
    await desk.bring(JobState.GENERATING, webhook=CURIOUS)  # leaves one that is dropped, and one to be sent
    for state, one in {DeliveryState.DELIVERED: done, DeliveryState.DEAD: dead}.items():
        page = await desk.outbox.list(state)
        assert [(it.delivery_id, it.standing) for it in page.deliveries] == [(one.delivery_id, state)]
    pending = await desk.outbox.list(DeliveryState.PENDING)
    assert pending.deliveries[-1].delivery_id == waiting.delivery_id
    assert await desk.outbox.counts() == {"pending": 2, "delivered": 1, "dead": 1, "dropped": 1}


async def test_cursor_of_somebody_else_is_refused(desk: Desk):
    with pytest.raises(InvalidParameterError, match="cursor"):
        await desk.outbox.list(cursor="yesterday")


async def test_webhook_is_found_by_the_beginning_of_its_id(desk: Desk):
    (delivery,) = await failed_jobs(desk, 1)
    assert await desk.outbox.get(delivery.delivery_id[:8].upper()) == delivery


@pytest.mark.parametrize("text", ["", "a", "%%%%%", "00000000-0000-0000-0000-000000000000"])
async def test_id_that_means_no_single_webhook_is_refused(desk: Desk, text: str):
    await failed_jobs(desk, 1)
    with pytest.raises(DeliveryNotFoundError):
        await desk.outbox.get(text)


async def test_all_that_were_given_up_are_sent_again(desk: Desk):
    waiting, first, second = await failed_jobs(desk, 3)
    assert len(await desk.outbox.due(desk.now, lease=1000.0)) == 3
    for one in (first, second):
        await give_up(desk, one)
    again = await desk.outbox.replay(now=desk.now)
    assert [(one.delivery_id, one.tries, one.standing) for one in again] == [
        (one.delivery_id, 0, DeliveryState.PENDING) for one in (first, second)
    ]
    due = await desk.outbox.due(desk.now)
    assert {one.delivery_id for one in due} == {first.delivery_id, second.delivery_id}
    assert waiting.delivery_id not in {one.delivery_id for one in due}


async def test_one_that_was_received_is_sent_again_if_it_is_named(desk: Desk):
    (delivery,) = await failed_jobs(desk, 1)
    await desk.outbox.record_delivery(delivery.delivery_id, status=200, now=desk.now, is_done=True)
    assert await desk.outbox.replay(now=desk.now) == []
    (again,) = await desk.outbox.replay([delivery.delivery_id[:8], delivery.delivery_id], now=desk.now)
    assert (again.delivery_id, again.standing) == (delivery.delivery_id, DeliveryState.PENDING)


async def test_nothing_is_sent_again_if_one_is_not_known(desk: Desk):
    (delivery,) = await failed_jobs(desk, 1)
    await give_up(desk, delivery)
    with pytest.raises(DeliveryNotFoundError):
        await desk.outbox.replay([delivery.delivery_id, "nobody"], now=desk.now)
    assert (await desk.outbox.get(delivery.delivery_id)).standing == DeliveryState.DEAD
