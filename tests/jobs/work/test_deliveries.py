import asyncio
import json

from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.job import JobId, JobState
from comfy_gen.jobs.records import Delivery
from comfy_gen.jobs.work import deliveries as module
from comfy_gen.jobs.work.deliveries import Deliveries
from comfy_gen.webhooks.schedule import DELAYS, NEWS_DELAYS, Result


def delivery(number: int, **given) -> Delivery:
    facts = {"body": {"id": "job"}, **given}
    return Delivery(str(number), JobId("job"), JobState.COMPLETED, "http://receiver/hook", **facts)


class Outbox:
    """Gives what is due, page by page, and keeps what it is told."""

    def __init__(self, *pages) -> None:
        self.pages = list(pages)
        self.recorded: dict[str, dict[str, object]] = {}
        self.is_empty = asyncio.Event()

    async def due(self, now, limit, *, lease):
        self.lease = lease
        if not self.pages:
            self.is_empty.set()
            return []
        page = self.pages.pop(0)
        if isinstance(page, Exception):
            raise page
        return page

    async def record_delivery(self, delivery_id, **told):
        self.recorded[delivery_id] = told


class Receiver:
    def __init__(self, result: Result) -> None:
        self.result = result
        self.got = []

    async def send(self, outgoing, now):
        self.got.append(outgoing)
        return self.result


async def delivered(outbox: Outbox, receiver: Receiver, **options) -> None:
    deliveries = Deliveries(outbox, receiver, clock=lambda: 7.0, **options)
    task = asyncio.create_task(deliveries.run())
    async with asyncio.timeout(5):
        while outbox.pages:
            deliveries.wake()
            await asyncio.sleep(0)
        deliveries.wake()
        await outbox.is_empty.wait()
    task.cancel()


async def test_what_the_receiver_said_is_kept():
    outbox, receiver = Outbox([delivery(1)]), Receiver(Result(503, "busy", is_done=False, next_at=12.0))
    await delivered(outbox, receiver)
    assert outbox.recorded == {"1": {"status": 503, "error": "busy", "now": 7.0, "next_at": 12.0, "is_done": False}}


async def test_callers_own_words_are_in_the_body_and_cannot_hide_ours():
    outbox = Outbox([delivery(1, extra_params={"order": 7, "id": "another"})])
    receiver = Receiver(Result(200, "", is_done=True, next_at=None))
    await delivered(outbox, receiver)
    assert json.loads(receiver.got[0].body) == {"order": 7, "id": "job"}


async def test_half_a_character_of_the_callers_is_sent_as_it_came():
    outbox = Outbox([delivery(1, extra_params={"order": "\ud800"})])
    receiver = Receiver(Result(200, "", is_done=True, next_at=None))
    await delivered(outbox, receiver)
    assert json.loads(receiver.got[0].body) == {"order": "\ud800", "id": "job"}


async def test_output_without_an_address_gets_one_as_it_is_sent():
    body = {"id": "job", "output": [{"id": "a", "url": ""}, {"id": "b", "url": "http://bucket/b"}], "output_url": ""}
    receiver = Receiver(Result(200, "", is_done=True, next_at=None))
    await delivered(Outbox([delivery(1, body=body)]), receiver, link=lambda one: f"http://me/{one['id']}")
    sent = json.loads(receiver.got[0].body)
    assert [one["url"] for one in sent["output"]] == ["http://me/a", "http://bucket/b"]
    assert sent["output_url"] == "http://me/a"


async def test_news_of_progress_is_not_tried_for_a_day():
    receiver = Receiver(Result(200, "", is_done=True, next_at=None))
    await delivered(Outbox([delivery(1), delivery(2, event="progress")]), receiver)
    assert [one.delays for one in receiver.got] == [DELAYS, NEWS_DELAYS]


async def test_nobody_else_sends_while_an_attempt_goes_on():
    outbox = Outbox([delivery(1)])
    await delivered(outbox, Receiver(Result(200, "", is_done=True, next_at=None)), lease=330.0)
    assert outbox.lease == 330.0


async def test_full_page_is_followed_by_the_next_at_once():
    pages = [[delivery(number) for number in range(module.AT_A_TIME)], [delivery(99)]]
    outbox, receiver = Outbox(*pages), Receiver(Result(200, "", is_done=True, next_at=None))
    await delivered(outbox, receiver)
    assert len(outbox.recorded) == module.AT_A_TIME + 1


async def test_database_that_is_away_delays_and_loses_nothing():
    outbox = Outbox(DatabaseUnavailableError("sqlite:///x", "gone"), [delivery(1)])
    await delivered(outbox, Receiver(Result(200, "", is_done=True, next_at=None)))
    assert list(outbox.recorded) == ["1"]
