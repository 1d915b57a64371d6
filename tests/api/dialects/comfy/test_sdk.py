"""What the official SDK does with jobs, every public method of it, on both of its clients."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sys
from typing import TYPE_CHECKING

import comfy_sdk
import pytest
import pytest_asyncio
from comfy_sdk import OutputReady, Preview, Progress, StatusChange
from comfy_sdk.router_exceptions import Unauthorized

from tests.api.conftest import PATIENCE, picture_graph
from tests.api.dialects.comfy import resumed
from tests.api.dialects.comfy.official import KINDS
from tests.api.dialects.comfy.running import paused, sampled, sampler_of, slowed
from tests.mcp.ways import listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from tests.api.conftest import Served
    from tests.api.dialects.comfy.official import Official

pytestmark = pytest.mark.asyncio(loop_scope="module")

PNG = b"\x89PNG"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def address(desk: Served) -> AsyncIterator[str]:
    """Where the service is found."""
    async with listening(desk.app) as url:
        yield url


@pytest_asyncio.fixture(loop_scope="module", params=KINDS)
async def sdk(
    request: pytest.FixtureRequest, address: str, ada: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Official]:
    """The SDK, as it is installed: told by the environment whom to ask."""
    monkeypatch.setenv("COMFY_BASE_URL", address)
    monkeypatch.setenv("COMFY_ROUTER_BASE_URL", address)
    official = KINDS[request.param](ada.headers["X-API-Key"])
    yield official
    await official.close()


def picture(sdk: Official, color: int = 1) -> comfy_sdk.Workflow:
    return sdk.client.workflows.from_json(picture_graph(color))


async def test_run_gives_a_job_with_its_outputs(sdk, tmp_path):
    job = await sdk.do(sdk.client.run, picture(sdk), timeout=PATIENCE)
    assert (job.status, job.error, job.metadata) == ("succeeded", None, {})
    (output,) = job.outputs
    assert [one.id for one in job.get_outputs("2")] == [output.id]
    assert job.get_outputs("9") == []
    assert (output.node_id, output.type, output.content_type) == ("2", "image", "image/png")
    assert (output.name.endswith(".png"), output.job_id) == (True, job.id)
    content = await sdk.do(output.to_bytes)
    assert (content[:4], len(content)) == (PNG, output.size_bytes)
    assert await sdk.do(output.to_bytes, range=(1, 3)) == b"PNG"
    assert (await sdk.do(output.to_file, tmp_path / "a.png")).read_bytes() == content
    stream = io.BytesIO()
    assert await sdk.do(output.to_stream, stream) == len(content)
    assert stream.getvalue() == content


async def test_address_of_an_output_is_good_for_whoever_may_read_it(sdk, ada, address):
    job = await sdk.do(sdk.client.run, picture(sdk))
    link = await sdk.do(job.outputs[0].get_download_url)
    assert link.url.startswith(address)
    assert (await ada.get(link.url.removeprefix(address))).content[:4] == PNG


async def test_workflow_is_changed_sent_and_had_again(sdk, tmp_path):
    path = tmp_path / "workflow.json"
    path.write_text(json.dumps({**picture_graph(), "3": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}}}))
    workflow = sdk.client.workflows.from_file(path)
    workflow.set_input("2", "images", ["3", 0])
    workflow.remove_node("3")
    job = await sdk.do(sdk.client.submit, workflow)
    had = await sdk.do(job.get_workflow)
    assert (had.format, had.graph) == ("api", picture_graph())
    assert sdk.client.workflows.from_str(path.read_text()).json.keys() == {"1", "2", "3"}


async def test_events_tell_of_progress_previews_and_outputs_until_the_end(desk, sdk):
    await slowed(desk)
    job = await sdk.do(sdk.client.submit, sdk.client.workflows.from_json(sampled(20)))
    events = await sdk.all(job.events)
    assert {type(one) for one in events} == {StatusChange, Progress, Preview, OutputReady}
    assert events[-1] == StatusChange("succeeded")
    progress = [one for one in events if isinstance(one, Progress)]
    assert [one.value for one in progress] == sorted(one.value for one in progress)
    assert any(one.steps == 20 and one.nodes_total for one in progress)
    shown = next(one for one in events if isinstance(one, Preview))
    assert (shown.node_id, shown.to_pil().size[0] > 0) == (sampler_of(sampled()), True)
    output = next(one.output for one in events if isinstance(one, OutputReady))
    assert (await sdk.do(output.to_bytes))[:4] == PNG
    assert (await sdk.do(job.result)).status == "succeeded"


async def test_job_is_found_by_its_id_and_cancelled(desk, sdk):
    async with paused(desk):
        submitted = await sdk.do(sdk.client.submit, picture(sdk))
        job = await sdk.do(sdk.client.jobs.get, submitted.id)
        assert (job.id, job.status, (await sdk.do(job.refresh)).status) == (submitted.id, "queued", "queued")
        with pytest.raises(TimeoutError):
            await sdk.do(job.wait, timeout=0)
        assert (await sdk.do(job.cancel)).status == "canceled"
    assert [one.status for one in await sdk.all(job.events)] == ["canceled"]
    assert (await sdk.do(job.wait)).status == "canceled"
    with pytest.raises(comfy_sdk.JobFailed):
        await sdk.do(job.result)


async def test_jobs_are_listed_by_their_labels_over_all_pages(sdk):
    labels = {"client": "acme & söhne", "run": "7"}
    ids = [(await sdk.do(sdk.client.submit, picture(sdk), metadata=labels)).id for _ in range(3)]
    other = await sdk.do(sdk.client.submit, picture(sdk), metadata={"run": "8"})
    found = await sdk.all(sdk.client.list_jobs, metadata=labels, limit=2)
    assert [one.id for one in found] == ids[::-1]
    assert all(one.metadata == labels and one.create_time <= one.update_time for one in found)
    assert [one.id for one in await sdk.all(sdk.client.list_jobs)] == [other.id, *ids[::-1]]
    assert (await sdk.do(sdk.client.jobs.get, other.id)).metadata == {"run": "8"}


async def test_same_key_gives_the_same_job_and_another_workflow_under_it_is_refused(sdk):
    jobs = [await sdk.do(sdk.client.submit, picture(sdk), idempotency_key="once") for _ in range(2)]
    assert jobs[0].id == jobs[1].id
    with pytest.raises(comfy_sdk.IdempotencyKeyReuse) as caught:
        await sdk.do(sdk.client.submit, picture(sdk, 2), idempotency_key="once")
    assert (caught.value.http_status, caught.value.details["code"]) == (422, "idempotency_conflict")


async def test_key_for_paid_nodes_is_taken(sdk):
    assert (await sdk.do(sdk.client.run, picture(sdk), api_key="comfyui-1")).status == "succeeded"


async def test_failure_says_what_failed(sdk):
    workflow = picture(sdk)
    workflow.set_input("2", "filename_prefix", "../../outside")
    with pytest.raises(comfy_sdk.JobFailed) as caught:
        await sdk.do(sdk.client.run, workflow)
    assert (caught.value.code, caught.value.error.node_id) == ("node_execution_error", "2")


async def test_what_cannot_be_raises_what_callers_catch(sdk, monkeypatch):
    client = sdk.client
    with pytest.raises(comfy_sdk.NotFound):
        await sdk.do(client.jobs.get, "7f3d2c1b-9a8e-4d6f-b012-3c4d5e6f7a8b")
    broken = picture(sdk)
    broken.set_input("1", "width", 0)
    with pytest.raises(comfy_sdk.InvalidWorkflow) as caught:
        await sdk.do(client.submit, broken)
    assert caught.value.details["node_errors"]["1"]["class_type"] == "EmptyImage"
    missing = client.workflows.from_json(picture_graph())
    missing.json["1"] = {"class_type": "LoadImage", "inputs": {"image": {"__type": "core/ASSET", "info": {"id": "x"}}}}
    with pytest.raises(comfy_sdk.MissingAsset):
        await sdk.do(client.submit, missing)
    with pytest.raises(comfy_sdk.ComfyError, match="label") as caught:
        await sdk.do(client.submit, picture(sdk), metadata={str(number): "x" for number in range(17)})
    assert caught.value.code == "metadata_invalid"
    with pytest.raises(comfy_sdk.ComfyError) as caught:
        await sdk.all(client.list_jobs, limit=1000)
    assert caught.value.code == "invalid_request"


async def test_stranger_is_told_that_a_key_is_needed(sdk, monkeypatch):
    monkeypatch.delenv("COMFY_API_KEY", raising=False)
    stranger = type(sdk)(type(sdk.client)(api_key="nobodys"))
    with pytest.raises(Unauthorized):
        await sdk.do(stranger.client.submit, picture(sdk))
    await stranger.close()


async def test_full_queue_is_waited_for_until_there_is_room(desk, sdk, ada): ...


async def test_models_of_the_paid_router_are_none_of_ours(sdk):
    with pytest.raises(comfy_sdk.NotFound):
        await sdk.all(sdk.client.models.list)
    with pytest.raises(comfy_sdk.NotFound):
        await sdk.do(sdk.client.models.run, "some/model", {})


async def test_program_that_was_killed_finds_its_job_and_gets_all_that_follows(desk, ada, address):
    await slowed(desk)
    environment = {**os.environ, "COMFY_BASE_URL": address, "COMFY_API_KEY": ada.headers["X-API-Key"]}

    async def begun() -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, resumed.__file__, "label", env=environment, stdin=-1, stdout=-1
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(sampled(120)).encode())
        process.stdin.close()
        return process

    async with asyncio.timeout(PATIENCE):
        first = await begun()
        assert first.stdout is not None
        told = [json.loads(await first.stdout.readline())]
        while told[-1][0] != "step":
            told.append(json.loads(await first.stdout.readline()))
        first.send_signal(signal.SIGKILL)
        await first.wait()
        second = await begun()
        rest = [json.loads(line) for line in (await second.communicate())[0].splitlines()]
    assert (told[0][0], rest[0]) == ("submitted", ["found", told[0][1]])
    steps = [value for what, value in rest if what == "step"]
    assert steps == sorted(steps)
    assert steps[0] >= told[-1][1]
    assert [what for what, _ in rest[-2:]] == ["output", "status"]
    assert rest[-1] == ["status", "succeeded"]
