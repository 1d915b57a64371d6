"""The sandbox's own affairs. That it is like a real ComfyUI is the business of ``tests/contracts``."""

from __future__ import annotations

import asyncio
import io
import shutil
import socket
from typing import TYPE_CHECKING

import aiohttp
import pytest
from PIL import Image, ImageChops

from comfy_gen.errors import InvalidParameterError, PortInUseError
from comfy_gen.sandbox import Fault, Kind, Sandbox, SandboxOptions
from tests.contracts.peer import Peer
from tests.sandbox.graphs import painted, plain

if TYPE_CHECKING:
    from pathlib import Path


async def test_sandbox_takes_a_free_port_and_keeps_it_over_restarts(sandbox: Sandbox, peer: Peer):
    port = sandbox.port
    assert port > 0
    await sandbox.restart()
    assert sandbox.port == port
    assert (await peer.get("/prompt")).json() == {"exec_info": {"queue_remaining": 0}}


async def test_restart_forgets_queue_and_history_and_breaks_the_sockets(sandbox: Sandbox, peer: Peer):
    async with peer.listen() as line:
        await line.until_done(await peer.submit(plain(), line))
        await sandbox.restart()
        assert (await line.socket.receive()).type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
        assert line.socket.close_code == 1006
    assert (await peer.get("/history")).json() == {}


async def test_restart_keeps_the_files(sandbox: Sandbox, peer: Peer):
    await peer.run(plain())
    await sandbox.restart()
    assert (await peer.get("/view?filename=plain_00001_.png")).status == 200


async def test_stopped_sandbox_refuses_connections_until_it_is_started(sandbox: Sandbox, peer: Peer):
    await sandbox.stop()
    assert not sandbox.is_running
    with pytest.raises(aiohttp.ClientConnectionError):
        await peer.get("/prompt")
    await sandbox.start()
    await sandbox.start()
    assert (await peer.get("/prompt")).status == 200


async def test_stop_ends_a_prompt_that_runs(peer: Peer, sandbox: Sandbox):
    sandbox.add_fault("hang:step=2")
    async with peer.listen() as line:
        await peer.submit(painted(), line)
        await line.until_type("progress", value=1)
        await sandbox.stop()
    assert sandbox.prompts_executed == 0


async def test_port_in_use_is_said():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(PortInUseError) as caught:
            async with Sandbox(SandboxOptions(port=port)):
                pass
    assert caught.value.message.startswith(f"cannot listen on 127.0.0.1 port {port}: ")


@pytest.mark.parametrize("host", ["nowhere.invalid", "a..b", "[::1]", "192.0.2.1"])
async def test_host_that_cannot_be_listened_on_is_said(host: str):
    with pytest.raises(InvalidParameterError) as caught:
        async with Sandbox(SandboxOptions(host=host)):
            pass
    assert caught.value.message == f"host is {host!r}, but must be a name or address of this machine to listen on"


def test_address_of_the_newer_protocol_stands_in_brackets(tmp_path: Path):
    urls = [Sandbox(SandboxOptions(host=host, port=8440, data_dir=tmp_path)).url for host in ("::1", "localhost")]
    assert urls == ["http://[::1]:8440", "http://localhost:8440"]


async def test_sandbox_bears_the_loss_of_its_folder(sandbox: Sandbox, peer: Peer):
    await peer.run(plain())
    shutil.rmtree(sandbox.files.root)
    for path in ("/object_info", "/internal/files/temp"):
        assert (await peer.get(path)).status == 200
    assert (await peer.run(plain(2)))["status"]["completed"]
    shutil.rmtree(sandbox.files.root)
    assert (await peer.post("/settings", {"a": 1})).status == 200
    assert (await peer.get("/settings")).json() == {"a": 1}


async def test_temporary_folder_goes_with_the_sandbox():
    async with Sandbox() as engine:
        root = engine.files.root
        assert (root / "output").is_dir()
    assert not root.exists()


async def test_data_folder_given_stays(tmp_path: Path):
    async with Sandbox(SandboxOptions(data_dir=tmp_path)) as engine, aiohttp.ClientSession() as session:
        await Peer(engine.url, session).run(plain())
    assert (tmp_path / "output" / "plain_00001_.png").is_file()


async def test_counters_go_on_over_restarts(sandbox: Sandbox, peer: Peer):
    await peer.run(plain())
    await sandbox.restart()
    await peer.run(plain())
    await peer.post("/prompt", {"prompt": {}})
    assert (sandbox.prompts_received, sandbox.prompts_executed) == (2, 2)
    assert (await peer.get("/sandbox/counters")).json() == {"received": 2, "executed": 2}


async def test_sandbox_says_what_it_is(peer: Peer):
    stats = (await peer.get("/system_stats")).json()
    assert "comfygen_sandbox" in stats["system"]
    assert "sandbox" in stats["devices"][0]["name"]
    assert b"sandbox" in (await peer.get("/")).body


async def test_models_are_those_of_the_options():
    options = SandboxOptions(models={"loras": ["mine.safetensors"]})
    async with Sandbox(options) as engine, aiohttp.ClientSession() as session:
        peer = Peer(engine.url, session)
        assert (await peer.get("/models/loras")).json() == ["mine.safetensors"]
        assert (await peer.get("/models/checkpoints")).json() == []
        assert (await peer.post("/prompt", {"prompt": painted()})).status == 400


# --- faults ---------------------------------------------------------------------------------------------------


async def test_out_of_memory_fails_the_prompt_at_its_step(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault(Fault(Kind.OUT_OF_MEMORY, step=3))
    async with peer.listen() as line:
        messages = await line.until_done(await peer.submit(painted(), line))
    assert [m["data"]["value"] for m in messages if m.get("type") == "progress"] == [1, 2]
    error = next(m["data"] for m in messages if m.get("type") == "execution_error")
    assert (error["node_id"], error["exception_type"]) == ("3", "torch.OutOfMemoryError")


async def test_gpu_error_strikes_the_first_node(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("gpu_error")
    entry = await peer.run(painted())
    kind, data = entry["status"]["messages"][-1]
    assert (kind, data["node_id"]) == ("execution_error", "4")
    assert "CUDA" in data["exception_message"]


async def test_fault_of_the_second_prompt_spares_the_first(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("out_of_memory:nth=2")
    entries = [await peer.run(plain(color)) for color in (1, 2, 3)]
    assert [entry["status"]["status_str"] for entry in entries] == ["success", "error", "success"]


async def test_lost_answer_leaves_the_work_accepted(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("lose_answer")
    async with peer.listen() as line:
        with pytest.raises(aiohttp.ClientConnectionError):
            await peer.post("/prompt", {"prompt": plain(), "prompt_id": "mine", "client_id": line.client_id})
        await line.until_done("mine")
    assert (await peer.history("mine"))["status"]["completed"]


async def test_refused_request_is_not_carried_out(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("refuse")
    with pytest.raises(aiohttp.ClientConnectionError):
        await peer.post("/prompt", {"prompt": plain()})
    assert sandbox.prompts_received == 0
    assert (await peer.post("/prompt", {"prompt": plain()})).status == 200


async def test_error_500_reads_as_a_real_one(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("error_500:times=2")
    answers = [await peer.post("/prompt", {"prompt": plain()}) for _ in range(3)]
    assert [answer.status for answer in answers] == [500, 500, 200]
    assert answers[0].body == b"500 Internal Server Error\n\nServer got itself in trouble"
    assert sandbox.prompts_received == 1


async def test_slow_answer_comes_after_all(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("slow_answer:seconds=0.001,route=GET /queue")
    assert (await peer.get("/queue")).status == 200


async def test_slow_prompt_still_succeeds(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("slow:seconds=0.001")
    assert (await peer.run(painted()))["status"]["completed"]


async def test_dropped_socket_does_not_stop_the_work(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("drop_socket:step=2")
    async with peer.listen() as line:
        prompt_id = await peer.submit(painted(), line)
        with pytest.raises(ConnectionError):
            await line.until_done(prompt_id)
    async with peer.listen() as line:
        await line.until_done(await peer.submit(plain(), line))
    assert (await peer.history(prompt_id))["status"]["completed"]


async def test_silent_prompt_ends_in_the_history_without_a_word(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("silent:step=2")
    async with peer.listen() as line:
        silent = await peer.submit(painted(), line)
        messages = await line.until_done(await peer.submit(plain(), line))
    assert [m["data"]["value"] for m in messages if m.get("type") == "progress"] == [1]
    assert ("execution_success", silent) not in [(m.get("type"), m.get("data", {}).get("prompt_id")) for m in messages]
    assert (await peer.history(silent))["status"]["completed"]


async def test_hanging_prompt_hears_no_interrupt(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("hang:step=2")
    async with peer.listen() as line:
        prompt_id = await peer.submit(painted(), line)
        await line.until_type("progress", value=1)
        await peer.post("/interrupt", {"prompt_id": prompt_id})
        assert (await peer.get("/queue")).json()["queue_running"][0][1] == prompt_id


async def test_corrupt_output_is_cut_off(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("corrupt_output")
    await peer.run(plain(1))
    await peer.run(plain(2))
    broken, whole = [(await peer.get(f"/view?filename=plain_0000{n}_.png")).body for n in (1, 2)]
    assert whole.endswith(b"IEND\xaeB`\x82")
    assert not broken.endswith(b"IEND\xaeB`\x82")


async def colours(peer: Peer, number: int) -> int:
    """How many colours the n-th picture has."""
    with Image.open(io.BytesIO((await peer.get(f"/view?filename=painted_0000{number}_.png")).body)) as picture:
        return len(picture.convert("RGB").getcolors(maxcolors=1 << 24) or [])


async def test_pictures_are_black_as_often_as_asked_and_then_well_again(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("black_pictures:times=2")
    for seed in (1, 2, 3):
        assert (await peer.run(painted(seed=seed)))["status"]["completed"]
    assert [await colours(peer, 1), await colours(peer, 2)] == [1, 1]
    assert await colours(peer, 3) > 100


async def test_black_batch_is_one_prompt_however_many_files_it_has(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("black_pictures")
    graph = painted()
    graph["5"]["inputs"]["batch_size"] = 2
    await peer.run(graph)
    await peer.run(painted(seed=2))
    assert [await colours(peer, 1), await colours(peer, 2)] == [1, 1]
    assert await colours(peer, 3) > 100


async def test_black_picture_is_as_well_formed_as_a_good_one(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("nan_blocks")
    graph = painted(seed=5)
    await peer.run(graph)
    async with Sandbox() as well, aiohttp.ClientSession() as session:
        other = Peer(well.url, session)
        await other.run(graph)
        whole = (await other.get("/view?filename=painted_00001_.png")).body
    with (
        Image.open(io.BytesIO((await peer.get("/view?filename=painted_00001_.png")).body)) as damaged,
        Image.open(io.BytesIO(whole)) as good,
    ):
        assert (damaged.size, damaged.mode, damaged.info) == (good.size, good.mode, good.info)
        apart = ImageChops.difference(damaged, good).getbbox()
        assert apart is not None
        assert damaged.crop((0, 0, 16, 64)).tobytes() == good.crop((0, 0, 16, 64)).tobytes()


async def test_dead_server_stays_dead(sandbox: Sandbox, peer: Peer):
    sandbox.add_fault("die:step=2")
    async with peer.listen() as line:
        prompt_id = await peer.submit(painted(), line)
        with pytest.raises(ConnectionError):
            await line.until_done(prompt_id)
        with pytest.raises(aiohttp.ClientConnectionError):
            await peer.get("/prompt")


@pytest.mark.parametrize("fault", ["forget:step=2", "die:step=2,seconds=0.001"])
async def test_server_that_comes_back_has_forgotten_everything(sandbox: Sandbox, peer: Peer, fault: str):
    sandbox.add_fault(fault)
    async with peer.listen() as line:
        prompt_id = await peer.submit(painted(), line)
        with pytest.raises(ConnectionError):
            await line.until_done(prompt_id)
    await _answers(peer)
    assert (await peer.get(f"/history/{prompt_id}")).json() == {}
    assert (await peer.get("/queue")).json() == {"queue_running": [], "queue_pending": []}


async def _answers(peer: Peer) -> None:
    async with asyncio.timeout(5):
        while True:
            try:
                await peer.get("/prompt")
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0)
            else:
                return


async def test_faults_of_the_options_strike_from_the_start():
    options = SandboxOptions(faults=[Fault(Kind.ERROR_500)])
    async with Sandbox(options) as engine, aiohttp.ClientSession() as session:
        assert (await Peer(engine.url, session).post("/prompt", {"prompt": plain()})).status == 500
