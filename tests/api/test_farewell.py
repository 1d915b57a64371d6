"""A service that is told to stop answers those who wait, and ends."""

from __future__ import annotations

import asyncio
import signal
import threading

import pytest

from comfy_gen.api.farewell import is_stopping
from tests.api.conftest import events_in
from tests.served import ServedProcess, environment_of

BODY = {"prompt": "a fox", "workflow": "sd15"}
NOWHERE = "http://127.0.0.1:9"


class Server:
    should_exit = False

    def handle(self, number, frame):
        self.should_exit = True


@pytest.fixture
def server():
    server = Server()
    before = signal.signal(signal.SIGTERM, server.handle)
    yield server
    signal.signal(signal.SIGTERM, before)


def test_servers_flag_is_found_by_its_handler_of_signals(server):
    assert not is_stopping()
    signal.raise_signal(signal.SIGTERM)
    assert is_stopping()


def test_without_a_server_nothing_stops():
    assert not is_stopping()


async def test_who_waits_and_who_watches_are_answered_when_the_server_stops(server, serve):
    served = await serve(with_worker=False)
    waiting = asyncio.create_task(served.client.post("/generate/sync?timeout=60", json=BODY))
    watching = asyncio.create_task(served.client.post("/generate/stream", json=BODY))
    while len(served.service.queue.watching._watched) < 1 or (await served.service.queue.store.count())["queued"] < 2:
        await asyncio.sleep(0)
    server.should_exit = True
    answer, stream = await waiting, await watching
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    assert events_in(stream.text)[-1]["data"]["status"] == "queued"


def test_process_ends_without_an_error_while_somebody_waits(tmp_path):
    with ServedProcess(tmp_path, environment_of(NOWHERE, tmp_path)) as process:
        answers = []
        asking = threading.Thread(target=lambda: answers.append(process.ask("/generate/sync?timeout=60", BODY)))
        asking.start()
        while not process.ask("/queue-info")[1]["waiting"]:
            pass
        process.stop()
        asking.join(timeout=20)
        assert (answers[0][0], answers[0][1]["status"]) == (202, "queued")
        assert "ERROR" not in process.log
        assert "Traceback" not in process.log
