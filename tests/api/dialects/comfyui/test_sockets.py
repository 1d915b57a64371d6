"""What clients of a ComfyUI hear of their prompts over ``/ws``, and who hears nothing."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING

import aiohttp
import pytest
import pytest_asyncio

from comfy_gen.api.dialects.comfyui import sockets
from comfy_gen.app.caller import Caller
from comfy_gen.jobs.ids import JobId
from comfy_gen.jobs.records import Selection
from comfy_gen.sandbox import Fault, SandboxOptions
from tests.api.dialects.comfyui.stage import Stage, stage
from tests.contracts.graphs import endless, picture, text_to_image
from tests.contracts.peer import Peer, node, remaining
from tests.contracts.reenactment import kinds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.asyncio(loop_scope="module")

MODELS = {"checkpoints": ("tiny_sd15.ckpt",)}
PATIENCE = 10


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """A service for all tests, each of whom comes as somebody else."""
    async with stage(tmp_path_factory.mktemp("house"), SandboxOptions(models=MODELS, step_time=0.002)) as house:
        yield house


@pytest_asyncio.fixture(loop_scope="module")
async def ada(house: Stage) -> Peer:
    return await house.peer("ada")


@pytest_asyncio.fixture(loop_scope="module")
async def bob(house: Stage) -> Peer:
    return await house.peer("bob")


async def refusal(peer: Peer, path: str = "/ws", **headers: str) -> int:
    """Return the status with which a socket is refused."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await peer.session.ws_connect(peer.url + path, headers=headers)
    return caught.value.status


async def test_history_is_there_with_the_last_word_of_a_run(ada):
    """Our choice: with a ComfyUI it may come a moment later, and what is shorter then is the queue."""
    async with ada.listen() as line:
        prompt_id = await ada.submit(picture(), line)
        messages = await line.until_type("execution_success")
        entry = await ada.history(prompt_id)
        ends = [await line.receive(), await line.receive()]
    told = messages[-3]["data"]
    assert entry["outputs"][told["node"]] == told["output"]
    assert remaining(ends[0]) == 0
    assert ends[1] == {"type": "executing", "data": {"node": None, "prompt_id": prompt_id}}


async def test_output_can_be_fetched_as_soon_as_it_is_told_of(ada):
    async with ada.listen() as line:
        await ada.submit(picture(), line)
        file = (await line.until_type("executed"))[-1]["data"]["output"]["images"][0]
        answer = await ada.get("/view", params=file)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")


async def test_prompt_that_a_node_breaks_off_ends_in_the_engine_s_own_words(ada):
    latent = {"11": node("EmptySD3LatentImage", width=64, height=64, batch_size=1)}
    whole = text_to_image() | {"8": node("VAEDecode", samples=["11", 0], vae=["4", 2])} | latent
    graph = {node_id: whole[node_id] for node_id in ("4", "8", "9", "11")}
    async with ada.listen() as line:
        prompt_id = await ada.submit(graph, line)
        messages = await line.until_done(prompt_id)
    error, status, _ = messages[-3:]
    assert (error["type"], error["data"]["prompt_id"], remaining(status)) == ("execution_error", prompt_id, 0)
    assert error["data"]["current_inputs"]
    assert error["data"]["traceback"]


async def test_attempt_that_fails_by_the_engine_s_fault_is_not_told_of_as_a_failure(house, ada):
    house.engine.faults.add(Fault("out_of_memory", step=1))
    async with ada.listen() as line:
        prompt_id = await ada.submit(text_to_image(steps=2), line)
        told = kinds(await line.until_done(prompt_id))
    assert "execution_error" not in told
    assert told.count("execution_start") == told.count("execution_success") == 1
    assert told.count("execution_cached") == 2


async def test_engine_that_cannot_be_heard_is_spoken_for(house, ada):
    house.engine.faults.add(Fault("drop_socket"))
    async with ada.listen() as line:
        prompt_id = await ada.submit(picture(), line)
        messages = await line.until_done(prompt_id)
    told = kinds(messages)
    assert told[:2] == ["status", "status"]
    assert told[-4:] == ["executed", "execution_success", "status", "executing"]


async def test_prompt_that_is_cancelled_while_it_waits_leaves_no_message_but_the_queue_s_length(house, ada):
    await house.service.queue.store.set_paused(True)
    try:
        async with ada.listen() as line:
            prompt_id = await ada.submit(picture(), line)
            await house.service.queue.store.cancel(Selection(job_ids=[prompt_id]), now=1.0)
            assert [remaining(message) for message in await line.until_idle()] == [1, 0]
            assert await line.unread() == []
    finally:
        await house.service.queue.store.set_paused(False)


async def test_prompt_that_is_cancelled_while_it_runs_is_interrupted(house, ada):
    async with ada.listen() as line:
        prompt_id = await ada.submit(endless(), line)
        await line.until_type("progress")
        await house.service.queue.store.cancel(Selection(job_ids=[prompt_id]), now=1.0)
        interrupted, status, _ = (await line.until_done(prompt_id))[-3:]
    assert interrupted["type"] == "execution_interrupted"
    assert interrupted["data"].keys() == {"prompt_id", "node_id", "node_type", "executed", "timestamp"}
    assert (interrupted["data"]["node_id"], interrupted["data"]["node_type"]) == ("3", "KSampler")
    assert remaining(status) == 0


async def test_client_that_died_is_told_the_rest_when_it_comes_again(ada):
    graph = text_to_image(steps=60)
    async with ada.listen("again") as line:
        prompt_id = await ada.submit(graph, line)
        await line.until_type("progress")
    async with ada.listen("again") as line:
        told = await line.until_done(prompt_id)
    assert told[0] == {"type": "executing", "data": {"node": "3"}}
    assert kinds(told)[-4:] == ["progress_state", "execution_success", "status", "executing"]


# --- who hears nothing


async def test_owner_hears_nothing_of_another_s_prompt_whatever_they_call_themselves(ada, bob):
    async with ada.listen("same") as mine, bob.listen("same") as theirs:
        prompt_id = await bob.submit(picture(), theirs)
        await theirs.until_done(prompt_id)
        assert await mine.unread() == []


async def test_prompt_of_another_that_names_no_client_is_not_shown(ada, bob):
    async with ada.listen() as mine, bob.listen() as theirs:
        await bob.submit(picture())
        await theirs.until_idle()
        assert await mine.unread() == []


async def test_without_a_key_there_is_no_socket(house, ada):
    nobody = await house.client()
    assert await refusal(nobody) == 401
    assert await refusal(nobody, "/api/ws", **{"X-API-Key": "cg_wrong"}) == 401


async def test_key_may_be_a_password_in_the_address(house, ada):
    key = ada.session.headers["X-API-Key"]
    basic = "Basic " + base64.b64encode(f"any:{key}".encode()).decode()
    client = await house.client({"Authorization": basic})
    async with client.listen() as line:
        assert await line.unread() == []


async def test_key_that_may_not_read_gets_no_socket(house, ada, monkeypatch):
    async def admit(*_):
        return Caller("nobody", frozenset())

    monkeypatch.setattr(house.app.state.gate, "admit", admit)
    assert await refusal(ada) == 403


async def test_page_of_another_site_gets_no_socket_though_it_brings_a_key(ada):
    assert await refusal(ada, Origin="http://elsewhere.example") == 403


async def test_page_of_the_same_port_does(ada):
    async with ada.session.ws_connect(f"{ada.url}/ws", headers={"Origin": ada.url}) as socket:
        assert (await socket.receive_json())["type"] == "status"


async def test_socket_ends_when_its_key_is_revoked(house, ada, monkeypatch):
    monkeypatch.setattr(sockets, "ADMIT_EVERY", 0.01)
    async with ada.session.ws_connect(f"{ada.url}/ws") as socket:
        await socket.receive()
        key = await house.service.keys.find(ada.session.headers["X-API-Key"])
        await house.service.keys.revoke(key.key_id, now=1.0)
        frame = await socket.receive()
    assert (frame.type, frame.data) == (aiohttp.WSMsgType.CLOSE, sockets.NOT_ADMITTED)


async def test_client_that_reads_nothing_is_given_up(house, ada, monkeypatch):
    monkeypatch.setattr(sockets, "PATIENCE", 0.05)
    owner = (await house.service.keys.find(ada.session.headers["X-API-Key"])).owner
    reader, writer = await asyncio.open_connection("127.0.0.1", int(house.url.rpartition(":")[2]), limit=1)
    ask = ["GET /ws HTTP/1.1", "Host: 127.0.0.1", "Connection: Upgrade", "Upgrade: websocket"]
    ask += ["Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng=="]
    writer.write("\r\n".join([*ask, f"X-API-Key: {ada.session.headers['X-API-Key']}", "", ""]).encode())
    await reader.read(1)
    audiences = house.app.state.comfyui_broadcast._audiences
    async with asyncio.timeout(PATIENCE):
        while owner not in audiences or not audiences[owner]._sockets:
            await asyncio.sleep(0)
        (outgoing,) = audiences[owner]._all()
        while not outgoing.is_given_up:
            outgoing.tell("x" * 2**20)
            await asyncio.sleep(0)
        while owner in audiences:
            await asyncio.sleep(0)
    writer.transport.abort()


async def test_what_a_client_says_besides_its_flags_ends_nothing(ada):
    async with ada.listen() as line:
        await line.socket.send_bytes(b"\0")
        await line.send("[" * 5_000)
        await line.send('"text"')
        assert await line.unread() == []


async def test_bug_in_looking_ends_the_sockets_and_the_next_is_looked_out_for_anew(house, ada, monkeypatch):
    def fail(*_):
        raise KeyError

    async with ada.listen() as line:
        lookout = house.app.state.comfyui_broadcast._lookout
        monkeypatch.setattr(lookout, "_look", fail)
        lookout.suspect(JobId("any"))
        frame = await line.socket.receive()
        assert (frame.type, frame.data) == (aiohttp.WSMsgType.CLOSE, sockets.ENDING)
    async with ada.listen() as line:
        await line.until_done(await ada.submit(picture(), line))


async def test_job_that_is_deleted_is_none_of_the_queue(house, ada):
    owner = (await house.service.keys.find(ada.session.headers["X-API-Key"])).owner
    async with ada.listen() as line:
        broadcast = house.app.state.comfyui_broadcast
        broadcast._audiences[owner].accept(JobId("gone"))
        broadcast._lookout.suspect(JobId("gone"))
        assert [remaining(message) for message in await line.until_idle()] == [1, 0]


async def test_nothing_is_looked_at_when_nobody_listens(house, ada):
    async with ada.listen():
        assert house.service.queue.relay._listeners
    broadcast = house.app.state.comfyui_broadcast
    async with asyncio.timeout(PATIENCE):
        while broadcast._lookout is not None or house.service.queue.relay._listeners:
            await asyncio.sleep(0)
    assert not broadcast._audiences
