"""Agents, as they come: a program of their own that starts ``comfygen mcp``, or asks a service that somebody runs."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from PIL import Image

from comfy_gen.sandbox import SandboxOptions
from tests.background import BackgroundSandbox
from tests.served import ServedProcess, environment_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    Connect = Callable[[], AbstractAsyncContextManager[Client]]

CLIENT_PATIENCE = 60.0
"""Seconds after which programs give up a call, as most of them do."""
STEPS = 24
STEP_TIME = 0.25
"""A job of ten minutes, a hundred times as fast: calls wait a second instead of 40."""
PATIENCE = {"COMFYGEN_MCP_PATIENCE": "1"}
SERVE = ("comfygen", "serve", "--port", "8000")
MCP = [sys.executable, "-m", "comfy_gen", "mcp"]
LONG = {"workflow": "sd15", "parameters": {"prompt": "a lighthouse", "steps": STEPS, "width": 64, "height": 64}}


@pytest.fixture(scope="module")
def engine() -> Iterator[str]:
    """An engine that takes its time for each step."""
    with BackgroundSandbox(SandboxOptions(step_time=STEP_TIME)) as sandbox:
        yield sandbox.url


@pytest.fixture
def environment(engine: str, tmp_path: Path) -> dict[str, str]:
    """That of a program with a queue of its own."""
    return environment_of(
        engine, tmp_path, COMFYGEN_POLICY_CHECK_PICTURES="no", COMFYGEN_QUALITY_MODEL="none", **PATIENCE
    )


@asynccontextmanager
async def over_stdio(
    environment: dict[str, str], folder: Path, *words: str, mode: str = "auto"
) -> AsyncGenerator[Client]:
    """Start ``comfygen mcp``, and be its client; what it says besides goes into ``said``."""
    command = StdioServerParameters(command=MCP[0], args=[*MCP[1:], *words], env=environment, cwd=folder)
    with (folder / "said").open("a", encoding="utf-8") as said:
        async with Client(stdio_client(command, said), mode=mode, read_timeout_seconds=CLIENT_PATIENCE) as client:
            yield client


@asynccontextmanager
async def over_http(service: ServedProcess, key: str = "", *, mode: str = "auto") -> AsyncGenerator[Client]:
    """Be a client of a service's ``/mcp``."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx2.AsyncClient(headers=headers, timeout=CLIENT_PATIENCE) as http:
        way = streamable_http_client(f"{service.url}/mcp", http_client=http)
        async with Client(way, mode=mode, read_timeout_seconds=CLIENT_PATIENCE) as client:
            await client.list_tools()  # as programs do when they begin
            yield client


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Return what a tool answers, which must be no error."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


async def go_on(connect: Connect, job: dict[str, Any]) -> dict[str, Any]:
    """Do what each answer says is to be done next, until nothing is, as an agent does."""
    asked = 0
    while job["status"] in ("pending", "running", "unknown"):
        asked += 1
        assert asked < 100, job
        job_id, following = job["job_id"], job["next"]
        async with connect() as client:
            job = await call(client, following["tool"], **following["arguments"])
        assert job["job_id"] == job["prompt_id"] == job_id
    return job


async def lasting(connect: Connect, restart: Callable[[], None]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Have a long job made while what answers ends and begins anew in the middle of a call; return what was told."""
    async with connect() as client:
        begun = await call(client, "generate_from_workflow", **LONG)
    assert begun["status"] in ("pending", "running")
    restarting: asyncio.Future[None] | None = None
    with suppress(MCPError, ExceptionGroup, asyncio.CancelledError):  # the connection breaks, as connections do
        async with connect() as client:
            waiting = asyncio.create_task(client.call_tool("wait", {"prompt_id": begun["prompt_id"]}))
            await asyncio.sleep(0.2)  # it waits now
            restarting = asyncio.create_task(asyncio.to_thread(restart))
            await asyncio.gather(waiting, return_exceptions=True)
    assert restarting is not None
    await restarting
    return begun, await go_on(connect, begun)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_tools_answer_over_stdio(environment: dict[str, str], tmp_path: Path, mode: str):
    told: list[tuple[float, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message))

    async with over_stdio(environment, tmp_path, mode=mode) as client:
        names = {one.name for one in (await client.list_tools()).tools}
        assert {"generate_image", "wait", "cancel", "service_status"} <= names
        asked = {"prompt": "a lighthouse", "steps": 2, "output_path": "light.png"}
        result = await client.call_tool("generate_image", asked, progress_callback=hear)
        answer: dict[str, Any] = result.structured_content or {}
        if answer["status"] != "completed":
            result = await client.call_tool("wait", {"prompt_id": answer["prompt_id"], "output_path": "light.png"})
            answer = result.structured_content or {}
        resource = await client.read_resource(answer["outputs"][0]["resource"])
    assert told
    assert told == sorted(told, key=lambda one: one[0])
    assert (tmp_path / "outputs" / "light.png").is_file()
    (shown,) = [one for one in result.content if one.type == "image"]
    assert max(Image.open(io.BytesIO(base64.b64decode(shown.data))).size) <= 1024
    assert Image.open(io.BytesIO(base64.b64decode(resource.contents[0].blob))).format == "PNG"
    assert "Traceback" not in (tmp_path / "said").read_text(encoding="utf-8")


def test_stdout_carries_nothing_but_the_protocol(environment: dict[str, str], tmp_path: Path):
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    messages = [
        {"id": 1, "method": "initialize", "params": hello},
        {"method": "notifications/initialized"},
        {"id": 2, "method": "tools/list"},
        {"id": 3, "method": "tools/call", "params": {"name": "service_status", "arguments": {}}},
        {"id": 4, "method": "tools/call", "params": {"name": "wait", "arguments": {"prompt_id": "nobody's"}}},
        {"id": 5, "method": "tools/call", "params": {"name": "no-such-tool", "arguments": {}}},
    ]
    loud = {**environment, "COMFYGEN_LOGGING_LEVEL": "DEBUG", "API_LOG_LEVEL": "debug"}
    with subprocess.Popen(MCP, env=loud, cwd=tmp_path, stdin=-1, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told: list[dict[str, Any]] = []
        try:
            for message in messages:
                process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
                process.stdin.flush()
                while "id" in message and (not told or told[-1].get("id") != message["id"]):
                    told.append(json.loads(process.stdout.readline()))
            rest, said = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, rest) == (0, "")
    assert all(one["jsonrpc"] == "2.0" for one in told)
    by_id = {one["id"]: one for one in told if "id" in one}
    assert not by_id[3]["result"].get("isError")
    assert "error[" in by_id[4]["result"]["content"][0]["text"]
    assert "error" in by_id[5] or by_id[5]["result"]["isError"]
    assert said  # it logs, elsewhere
    assert "Traceback" not in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_it_in_order_though_nobody_closes_stdin(environment: dict[str, str], tmp_path: Path, number: int):
    with subprocess.Popen(MCP, env=environment, cwd=tmp_path, stdin=-1, stdout=-1, stderr=-1, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
            message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == 1
            process.send_signal(number)
            assert process.wait(30) == 0
            assert "Traceback" not in (process.stderr.read() if process.stderr else "")
        finally:
            process.kill()


async def test_job_outlives_the_program_that_asked_for_it(environment: dict[str, str], tmp_path: Path):
    def connect() -> AbstractAsyncContextManager[Client]:
        return over_stdio(environment, tmp_path)

    async with connect() as client:
        begun = await call(client, "generate_from_workflow", **LONG)
    assert begun["status"] in ("pending", "running")
    done = await go_on(connect, begun)  # each call by a program of its own, of which the last one has ended
    assert (done["status"], done["prompt_id"]) == ("completed", begun["prompt_id"])


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("ending", ["stop", "kill"])
async def test_long_job_is_driven_to_its_end_over_a_restart(
    environment: dict[str, str], tmp_path: Path, mode: str, ending: str
):
    with ServedProcess(tmp_path, environment, SERVE) as service:

        def connect() -> AbstractAsyncContextManager[Client]:
            return over_http(service, mode=mode)

        def restart() -> None:
            getattr(service, ending)()
            service.start()

        begun, done = await lasting(connect, restart)
        assert (done["status"], done["job_id"]) == ("completed", begun["job_id"])
        assert service.ask("/jobs")[1]["jobs"][0]["id"] == begun["job_id"]
        assert len(service.ask("/jobs")[1]["jobs"]) == 1
        assert "Traceback" not in service.log


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_waiting_call_is_answered_when_the_service_is_to_stop(
    environment: dict[str, str], tmp_path: Path, mode: str
):
    patient = {**environment, "COMFYGEN_MCP_PATIENCE": "40"}
    with ServedProcess(tmp_path, patient, SERVE) as service:
        async with over_http(service, mode=mode) as client:
            begun = await call(client, "generate_from_workflow", **LONG, timeout=0)
            waiting = asyncio.create_task(call(client, "wait", prompt_id=begun["prompt_id"]))
            await asyncio.sleep(0.5)  # it waits now
            started = time.monotonic()
            await asyncio.to_thread(service.stop)
            answer = await waiting
    assert answer["prompt_id"] == begun["prompt_id"]
    assert answer["status"] in ("pending", "running", "unknown")
    assert answer["next"]["tool"] in ("wait", "get_progress")
    assert time.monotonic() - started < STEPS * STEP_TIME


async def test_agent_elsewhere_uses_its_key(environment: dict[str, str], tmp_path: Path):
    master = "a-key-of-sixteen-or-more"
    with ServedProcess(
        tmp_path, {**environment, "COMFYGEN_API_KEY": master, "COMFYGEN_API_ACCESS": "keys"}, SERVE
    ) as it:
        async with over_http(it, master) as client:
            assert (await call(client, "list_jobs"))["jobs"] == []
        own = {**environment, "COMFYGEN_MCP_URL": it.url, "COMFYGEN_MCP_KEY": master}
        async with over_stdio(own, tmp_path) as client:
            assert (await call(client, "list_jobs"))["jobs"] == []
        wrong = {**own, "COMFYGEN_MCP_KEY": "another-key-than-that"}
        async with over_stdio(wrong, tmp_path) as client:
            refused = await client.call_tool("list_jobs", {})
        assert refused.is_error
        assert "error[unauthorized]" in refused.content[0].text
        with pytest.raises((MCPError, ExceptionGroup)):
            async with over_http(it, "another-key-than-that") as client:
                await client.list_tools()
