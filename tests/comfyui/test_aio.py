"""The client against the sandbox, in good times and in scripted trouble."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from comfy_gen.comfyui import AsyncComfyUIClient, Cancellation, ClientOptions, Ending
from comfy_gen.comfyui.tracker import NodeStarted, Outcome, Previewed, Produced, Started, Stepped, Waiting
from comfy_gen.errors import (
    ClientClosedError,
    EngineLostError,
    EngineResponseError,
    EngineUnreachableError,
    ExecutionFailedError,
    InterruptedPromptError,
    PromptRejectedError,
    WaitTimeoutError,
)
from tests.comfyui.conftest import QUICK

PATIENCE = 10.0
NOBODY = "http://127.0.0.1:9"


async def stepping(run):
    """Wait until the prompt samples."""
    async for event in run.events():
        if isinstance(event, Stepped):
            return


# --- good times


async def test_run_gives_its_events_in_order_and_its_files(client, painting):
    run = await client.submit(painting(steps=2))
    events = [event async for event in run.events()]
    kinds = [type(event) for event in events if not isinstance(event, Waiting)]
    assert kinds[0] is Started
    assert kinds[-2:] == [Produced, Outcome]
    assert kinds.count(NodeStarted) == 7
    assert kinds.count(Stepped) == 2
    assert run.number is not None
    (file,) = run.outcome.files
    assert (await client.get_file(file)).startswith(b"\x89PNG")


async def test_several_may_listen_and_late_ones_miss_nothing(client, painting):
    run = await client.submit(painting())
    first = [event async for event in run.events()]
    assert [event async for event in run.events()] == first


async def test_previews_come_only_when_asked_for(client, painting):
    plain, seen = await client.submit(painting(seed=1)), await client.submit(painting(seed=2), previews=True)
    assert not [event async for event in plain.events() if isinstance(event, Previewed)]
    previews = [event async for event in seen.events() if isinstance(event, Previewed)]
    assert previews[0].image.startswith(b"\xff\xd8")
    assert previews[0].node_id == "5"


async def test_hundred_prompts_on_one_socket_keep_apart(client, painting):
    runs = [await client.submit(painting(seed=seed, prefix=f"p{seed}")) for seed in range(100)]
    files = [outcome.files[0] for outcome in await asyncio.gather(*(run.result(PATIENCE) for run in runs))]
    assert [file.filename.split("_")[0] for file in files] == [f"p{seed}" for seed in range(100)]


async def test_fully_cached_run_has_its_outputs_all_the_same(client, painting):
    assert (await client.run_workflow(painting())).files == (await client.run_workflow(painting())).files


async def test_prompt_id_is_ours(client, painting):
    own = str(uuid.uuid4())
    assert (await client.submit(painting(), prompt_id=own)).prompt_id == own


async def test_front_runs_before_those_that_wait(slow_client, painting):
    running = await slow_client.submit(painting(steps=30))
    await stepping(running)
    waiting = await slow_client.submit(painting(seed=2))
    first = await slow_client.submit(painting(seed=3), front=True)
    assert (await slow_client.read_queue()).position(first.prompt_id) == 1
    assert (await slow_client.read_queue()).position(waiting.prompt_id) == 2


async def test_waiting_prompt_is_told_its_place(slow_client, painting):
    await slow_client.submit(painting(steps=20))
    await slow_client.submit(painting(steps=2, seed=2))
    run = await slow_client.submit(painting(steps=2, seed=3))
    places = [event.ahead async for event in run.events() if isinstance(event, Waiting)]
    assert places == sorted(places, reverse=True)
    assert len(places) > 0


async def test_documented_pair_queues_and_waits(client, painting):
    answer = await client.queue_prompt(painting())
    entry = await client.wait_for_completion(answer["prompt_id"], timeout=PATIENCE)
    assert answer["node_errors"] == {}
    assert entry["outputs"]["7"]["images"]


async def test_prompt_of_another_client_is_followed(slow_sandbox, slow_client, painting):
    prompt_id = (await slow_client.queue_prompt(painting(steps=10)))["prompt_id"]
    async with AsyncComfyUIClient(url=slow_sandbox.url, options=QUICK) as other:
        outcome = await other.attach(prompt_id).result(PATIENCE)
    assert outcome.ending is Ending.SUCCESS


async def test_attaching_to_an_own_prompt_gives_the_same_run(slow_client, painting):
    run = await slow_client.submit(painting())
    assert slow_client.attach(run.prompt_id) is run


async def test_without_a_websocket_queue_and_history_do(slow_sandbox, painting):
    options = ClientOptions(use_websocket=False, poll_interval=0.01)
    async with AsyncComfyUIClient(url=slow_sandbox.url, options=options) as client:
        outcome = await client.run_workflow(painting(steps=5), timeout=PATIENCE)
        assert not client.is_connected
    assert len(outcome.files) == 1


async def test_callbacks_hear_the_servers_own_messages_and_harm_nobody(client, painting):
    heard = []

    def fail(_):
        raise ZeroDivisionError

    client.on("executed", fail)
    client.on("executed", heard.append)
    await client.run_workflow(painting(), timeout=PATIENCE)
    assert [message["type"] for message in heard] == ["executed"]


async def test_closing_the_socket_leaves_open_prompts_to_polling(slow_client, painting):
    run = await slow_client.submit(painting(steps=20))
    await slow_client.disconnect_websocket()
    assert (await run.result(PATIENCE)).ending is Ending.SUCCESS


# --- refusals and failures


async def test_refused_workflow_names_every_problem_and_leaves_no_run(client, painting):
    workflow = painting()
    workflow["5"]["inputs"] |= {"steps": 0, "sampler_name": "none"}
    with pytest.raises(PromptRejectedError) as caught:
        await client.submit(workflow)
    assert len(caught.value.problems) == 2
    assert client._runs == {}


async def test_dropped_output_makes_a_partial_outcome(client, painting):
    workflow = painting()
    workflow["8"] = {"class_type": "SaveImage", "inputs": {"filename_prefix": "x"}}
    run = await client.submit(workflow)
    outcome = await run.result(PATIENCE)
    assert outcome.ending is Ending.PARTIAL
    assert "SaveImage (node 8)" in outcome.problems[0]
    assert len(outcome.files) == 1


@pytest.mark.parametrize(("fault", "code"), [("out_of_memory", "out_of_memory"), ("gpu_error", "gpu_error")])
async def test_raising_node_fails_with_its_class(sandbox, client, painting, fault, code):
    sandbox.add_fault(f"{fault}:step=2")
    with pytest.raises(ExecutionFailedError) as caught:
        await client.run_workflow(painting(), timeout=PATIENCE)
    assert caught.value.code == code
    assert caught.value.node_id == "5"


async def test_patience_that_ends_leaves_the_prompt_alone(slow_client, painting):
    run = await slow_client.submit(painting(steps=30))
    with pytest.raises(WaitTimeoutError):
        await run.result(0.0)
    assert (await run.result(PATIENCE)).ending is Ending.SUCCESS


# --- cancelling


async def test_running_prompt_is_interrupted_and_the_next_one_runs(slow_client, painting):
    running, following = await slow_client.submit(painting(steps=500)), await slow_client.submit(painting(seed=2))
    await stepping(running)
    assert await slow_client.cancel(running.prompt_id) is Cancellation.INTERRUPTED
    with pytest.raises(InterruptedPromptError):
        (await running.result(PATIENCE)).raise_for_failure()
    assert (await following.result(PATIENCE)).ending is Ending.SUCCESS


async def test_waiting_prompt_is_removed_and_the_running_one_goes_on(slow_client, painting):
    running, waiting = await slow_client.submit(painting(steps=20)), await slow_client.submit(painting(seed=2))
    await stepping(running)
    assert await slow_client.cancel(waiting.prompt_id) is Cancellation.REMOVED
    assert (await waiting.result(PATIENCE)).ending is Ending.REMOVED
    assert (await running.result(PATIENCE)).ending is Ending.SUCCESS


async def test_ended_and_unknown_prompts_are_told_apart(client, painting):
    outcome = await client.run_workflow(painting(), timeout=PATIENCE)
    assert await client.cancel(outcome.prompt_id) is Cancellation.ALREADY_ENDED
    assert await client.cancel(str(uuid.uuid4())) is Cancellation.UNKNOWN


async def test_prompt_removed_by_somebody_else_is_noticed(slow_client, painting):
    running, waiting = await slow_client.submit(painting(steps=100)), await slow_client.submit(painting(seed=2))
    await stepping(running)
    await slow_client.delete_from_queue([waiting.prompt_id])
    assert (await waiting.result(PATIENCE)).ending is Ending.REMOVED


async def test_waiting_prompt_of_another_client_is_removed(slow_sandbox, slow_client, painting):
    running, waiting = await slow_client.submit(painting(steps=20)), await slow_client.submit(painting(seed=2))
    async with AsyncComfyUIClient(url=slow_sandbox.url, options=QUICK) as other:
        assert await other.cancel(waiting.prompt_id) is Cancellation.REMOVED
        assert await other.cancel(waiting.prompt_id) is Cancellation.UNKNOWN
    assert (await running.result(PATIENCE)).ending is Ending.SUCCESS


async def test_many_are_cancelled_at_once_and_others_left_alone(slow_client, painting):
    runs = [await slow_client.submit(painting(steps=50, seed=seed)) for seed in range(30)]
    await stepping(runs[0])
    await slow_client.cancel_all([run.prompt_id for run in runs[:-1]])
    endings = [(await run.result(PATIENCE)).ending for run in runs]
    assert endings == [Ending.INTERRUPTED, *[Ending.REMOVED] * 28, Ending.SUCCESS]


# --- trouble


async def test_closing_tells_those_who_wait(slow_sandbox, painting):
    client = AsyncComfyUIClient(url=slow_sandbox.url, options=QUICK)
    run = await client.submit(painting(steps=500))
    waiting = asyncio.create_task(run.result())
    await stepping(run)
    await client.close()
    with pytest.raises(ClientClosedError):
        (await waiting).raise_for_failure()


async def test_server_that_chooses_the_id_itself_is_followed_all_the_same(sandbox, client, painting, monkeypatch):
    """ComfyUI before the summer of 2025 takes no ``prompt_id``."""
    post = client.post_prompt

    async def ignoring(workflow, *, client_id, prompt_id, **fields):
        return await post(workflow, client_id=client_id, prompt_id=str(uuid.uuid4()), **fields)

    monkeypatch.setattr(client, "post_prompt", ignoring)
    outcome = await client.run_workflow(painting(), timeout=PATIENCE)
    assert outcome.ending is Ending.SUCCESS
    assert len(outcome.files) == 1


async def test_odd_message_costs_nobody_the_socket(client, painting, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(client, "_call_back", fail)
        await client.submit(painting(seed=8))
        await asyncio.sleep(0)
    assert (await client.run_workflow(painting(), timeout=PATIENCE)).ending is Ending.SUCCESS


async def test_engine_says_what_it_is(client):
    assert "sandbox" in await client.identify()


async def test_lost_answer_is_looked_up_and_the_prompt_runs_once(sandbox, client, painting):
    sandbox.add_fault("lose_answer")
    outcome = await client.run_workflow(painting(), timeout=PATIENCE)
    assert outcome.ending is Ending.SUCCESS
    assert sandbox.prompts_received == 1


async def test_refused_connection_is_tried_again(sandbox, client, painting):
    sandbox.add_fault("refuse")
    assert (await client.run_workflow(painting(), timeout=PATIENCE)).ending is Ending.SUCCESS
    assert sandbox.prompts_received == 1


async def test_server_error_is_the_callers_to_judge(sandbox, client, painting):
    sandbox.add_fault("error_500")
    with pytest.raises(EngineResponseError) as caught:
        await client.submit(painting())
    assert caught.value.status == 500


@pytest.mark.parametrize("attempts", [1, 2])
async def test_so_many_attempts_are_made_and_no_more(sandbox, client, painting, attempts):
    sandbox.add_fault("refuse:times=9")
    with pytest.raises(EngineUnreachableError):
        await client.submit(painting(), attempts=attempts)
    await client.submit(painting(), attempts=10 - attempts)
    assert sandbox.prompts_received == 1


@pytest.mark.parametrize("fault", ["drop_socket:step=2", "silent:step=2", "silent"])
async def test_broken_or_silent_socket_loses_nothing(slow_sandbox, slow_client, painting, fault):
    slow_sandbox.add_fault(fault)
    outcome = await slow_client.run_workflow(painting(steps=10), timeout=PATIENCE)
    assert outcome.ending is Ending.SUCCESS
    assert len(outcome.files) == 1


async def test_socket_comes_back_after_it_broke(slow_sandbox, slow_client, painting):
    slow_sandbox.add_fault("drop_socket:step=2")
    await slow_client.run_workflow(painting(steps=40), timeout=PATIENCE)
    events = [type(event) async for event in (await slow_client.submit(painting(seed=5))).events()]
    assert slow_client.is_connected
    assert Stepped in events


async def test_late_history_is_waited_for(painting):
    from comfy_gen.sandbox import Sandbox, SandboxOptions

    async with (
        Sandbox(SandboxOptions(history_delay=0.1)) as sandbox,
        AsyncComfyUIClient(url=sandbox.url, options=ClientOptions(use_websocket=False, poll_interval=0.01)) as client,
    ):
        assert len((await client.run_workflow(painting(), timeout=PATIENCE)).files) == 1


async def test_restarted_engine_has_lost_what_it_had(slow_sandbox, slow_client, painting):
    running, waiting = await slow_client.submit(painting(steps=500)), await slow_client.submit(painting(seed=2))
    await stepping(running)
    await slow_sandbox.restart()
    for run in (running, waiting):
        with pytest.raises(EngineLostError):
            (await run.result(PATIENCE)).raise_for_failure()
    assert (await slow_client.run_workflow(painting(), timeout=PATIENCE)).ending is Ending.SUCCESS


async def test_engine_that_does_not_come_back_has_lost_what_it_had(slow_sandbox, slow_client, painting):
    run = await slow_client.submit(painting(steps=500))
    await stepping(run)
    await slow_sandbox.stop()
    assert (await run.result(PATIENCE)).ending is Ending.LOST
    assert await slow_client.is_available() is False


async def test_nobody_there_is_said_at_once(painting):
    async with AsyncComfyUIClient(url=NOBODY) as client:
        assert await client.is_available() is False
        with pytest.raises(EngineUnreachableError, match="connection refused") as caught:
            await client.submit(painting())
    assert not caught.value.may_have_arrived


async def test_server_that_is_no_comfyui_is_not_available(aiohttp_page):
    async with AsyncComfyUIClient(url=aiohttp_page) as client:
        assert await client.is_available() is False


@pytest.fixture
async def aiohttp_page():
    """Some other program's web server."""
    from aiohttp import web

    async def page(_):
        return web.Response(text="<html>It works!</html>", content_type="text/html")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()
