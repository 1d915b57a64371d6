"""What clients hear of prompts that another process works on: a worker of its own, on either database."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from comfy_gen.app import open_queue
from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.records import Selection
from comfy_gen.jobs.request import JobRequest
from comfy_gen.sandbox import SandboxOptions
from tests.api.dialects.comfyui.stage import Stage, stage
from tests.contracts.graphs import endless, picture, text_to_image
from tests.contracts.peer import remaining
from tests.contracts.reenactment import kinds
from tests.served import environment_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Generator
    from pathlib import Path

    from comfy_gen.app import JobQueue
    from tests.contracts.peer import Peer

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODELS = {"checkpoints": ("tiny_sd15.ckpt",)}


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('jobs') / 'jobs.db'}"
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> AsyncIterator[Stage]:
    """A service that only answers, and a worker beside it."""
    folder, engine = tmp_path_factory.mktemp("house"), SandboxOptions(models=MODELS, step_time=0.005)
    jobs = {"database": database_url}
    async with stage(folder, engine, jobs=jobs, api={"with_worker": False}) as house:
        with working(folder, database_url, house.engine.url):
            yield house


@contextmanager
def working(folder: Path, database_url: str, engine_url: str) -> Generator[None]:
    """Have a worker work in a process of its own."""
    command = [sys.executable, "-m", "comfy_gen", "worker", "--database", database_url, "--data-dir", str(folder)]
    environment = environment_of(engine_url, folder, COMFYGEN_POLICY_CHECK_PICTURES="no")
    with (folder / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--engine", f"sandbox={engine_url}"], env=environment, stdout=log, stderr=log
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@pytest_asyncio.fixture(loop_scope="module")
async def ada(house: Stage) -> Peer:
    return await house.peer("ada")


@asynccontextmanager
async def elsewhere(house: Stage) -> AsyncGenerator[JobQueue]:
    """Open the queue as another process does: it shares nothing with the service but the database."""
    async with open_queue(house.service.settings) as queue:
        yield queue


async def test_run_is_told_in_the_order_of_a_comfyui(ada):
    async with ada.listen() as line:
        prompt_id = await ada.submit(text_to_image(steps=4), line)
        messages = await line.until_done(prompt_id)
        entry = await ada.history(prompt_id)
    told = kinds(messages)
    assert told[:4] == ["status", "status", "execution_start", "execution_cached"]
    assert told[-3:] == ["execution_success", "status", "executing"]
    assert [remaining(message) for message in messages if message["type"] == "status"] == [1, 1, 0]
    (output,) = [message["data"] for message in messages if message["type"] == "executed"]
    assert entry["outputs"] == {output["node"]: output["output"]}
    assert {message["data"]["prompt_id"] for message in messages if message["type"] != "status"} == {prompt_id}


async def test_prompt_that_is_cancelled_while_it_runs_is_interrupted(house, ada):
    async with ada.listen() as line:
        prompt_id = await ada.submit(endless(), line)
        await line.until_type("progress")
        async with elsewhere(house) as queue:
            await queue.store.cancel(Selection(job_ids=[prompt_id]), now=1.0)
            interrupted, status, _ = (await line.until_done(prompt_id))[-3:]
    assert (interrupted["type"], interrupted["data"]["node_id"]) == ("execution_interrupted", "3")
    assert remaining(status) == 0


async def test_client_that_comes_in_mid_run_is_told_the_node_and_the_rest(house, ada):
    async with ada.listen("again") as line:
        prompt_id = await ada.submit(endless(), line)
        await line.until_type("progress")
    async with ada.listen("again") as line:
        node = (await line.until_type("executing"))[-1]
        await line.until_type("progress")
        await house.service.queue.store.cancel(Selection(job_ids=[prompt_id]), now=1.0)
        await line.until_done(prompt_id)
    assert node["data"]["node"] == "3"


async def test_prompt_that_another_process_accepted_is_told_to_its_client_here(house, ada):
    owner = (await house.service.keys.find(ada.session.headers["X-API-Key"])).owner
    async with ada.listen("ada") as line, elsewhere(house) as queue:
        request = JobRequest(picture(), owner=owner, metadata={"comfyui": {"client_id": "ada"}})
        (accepted,) = await queue.submit([request])
        messages = await line.until_done(accepted.job.job_id)
    assert [remaining(message) for message in messages if message["type"] == "status"] == [1, 1, 0]
    assert kinds(messages).count("executed") == 1


async def test_prompt_that_fails_before_any_engine_had_it_says_so(house, ada):
    owner = (await house.service.keys.find(ada.session.headers["X-API-Key"])).owner
    graph = {"1": {"class_type": "NoSuchNode", "inputs": {}}}
    async with ada.listen("ada") as line, elsewhere(house) as queue:
        request = JobRequest(graph, owner=owner, metadata={"comfyui": {"client_id": "ada"}})
        (accepted,) = await queue.submit([request])
        messages = await line.until_done(accepted.job.job_id)
    assert kinds(messages)[-5:] == ["execution_start", "execution_cached", "execution_error", "status", "executing"]
    assert messages[-3]["data"]["exception_type"] == "no_capable_engine"


async def test_what_is_missed_while_the_database_is_away_is_told_once_it_is_back(house, ada, monkeypatch):
    lost = asyncio.Event()

    async def standing(*_):
        lost.set()
        raise DatabaseUnavailableError("the disk", "it is full")

    async with ada.listen() as line, elsewhere(house) as queue:
        lookout = house.app.state.comfyui_broadcast._lookout
        with monkeypatch.context() as away:
            away.setattr("comfy_gen.api.dialects.comfyui.lookout.RETRY_EVERY", 0.01)
            away.setattr(lookout._overview, "standing", standing)
            owner = (await house.service.keys.find(ada.session.headers["X-API-Key"])).owner
            await queue.store.set_paused(True)
            (accepted,) = await queue.submit([JobRequest(picture(), owner=owner)])
            await lost.wait()
        assert remaining((await line.until_type("status"))[-1]) == 1
        await queue.store.cancel(Selection(job_ids=[JobId(accepted.job.job_id)]), now=1.0)
        await line.until_idle()
        await queue.store.set_paused(False)
