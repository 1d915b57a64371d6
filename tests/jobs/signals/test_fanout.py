from __future__ import annotations

import asyncio
import threading

from comfy_gen.jobs.signals.fanout import MOST_PENDING, Fanout
from comfy_gen.jobs.signals.signals import ANYTHING, topic_of


async def heard(topics, count: int) -> list[str]:
    return [await asyncio.wait_for(anext(topics), 5) for _ in range(count)]


async def test_each_reader_hears_its_topics_in_their_order():
    fanout = Fanout()
    with fanout.subscribe("queue") as one, fanout.subscribe("queue", "wishes") as two:
        for topic in ("wishes", "engines", "queue"):
            fanout.tell(topic)
        assert await heard(two, 2) == ["wishes", "queue"]
        assert await heard(one, 1) == ["queue"]


async def test_reader_of_no_topic_hears_all():
    fanout = Fanout()
    with fanout.subscribe() as topics:
        fanout.tell(topic_of("x"))
        assert await heard(topics, 1) == ["job:x"]


async def test_anything_concerns_everybody():
    fanout = Fanout()
    with fanout.subscribe("queue") as topics:
        fanout.tell(ANYTHING)
        assert await heard(topics, 1) == [ANYTHING]


async def test_signals_that_nobody_heard_yet_are_one():
    fanout = Fanout()
    with fanout.subscribe("queue", "wishes") as topics:
        for topic in ("queue", "queue", "wishes", "queue"):
            fanout.tell(topic)
        fanout.tell(ANYTHING)
        assert await heard(topics, 3) == ["queue", "wishes", ANYTHING]


async def test_reader_that_never_reads_costs_no_more_than_a_bounded_list():
    fanout = Fanout()
    with fanout.subscribe() as topics:
        for number in range(3 * MOST_PENDING):
            fanout.tell(topic_of(str(number)))
        await asyncio.sleep(0)
        assert len(topics._pending) <= MOST_PENDING
        assert ANYTHING in topics._pending


async def test_signal_from_another_thread_wakes_the_reader():
    fanout = Fanout()
    with fanout.subscribe("queue") as topics:
        reading = asyncio.create_task(heard(topics, 1))
        await asyncio.sleep(0)
        threading.Thread(target=fanout.tell, args=["queue"]).start()
        assert await reading == ["queue"]


async def test_reader_that_left_is_told_nothing_and_forgotten():
    fanout = Fanout()
    with fanout.subscribe("queue"):
        assert len(fanout) == 1
    assert len(fanout) == 0


def test_reader_whose_loop_is_closed_harms_nobody():
    fanout = Fanout()

    async def subscribe():
        return fanout.subscribe("queue").__enter__()

    asyncio.run(subscribe())
    fanout.tell("queue")
