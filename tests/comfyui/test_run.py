"""What an engine says of a prompt can be heard as it came."""

from __future__ import annotations

from comfy_gen.comfyui.messages import parse, parse_binary
from comfy_gen.comfyui.tracker import Stepped

PATIENCE = 10.0


async def stepping(run):
    """Wait until the prompt samples."""
    async for event in run.events():
        if isinstance(event, Stepped):
            return


async def test_all_that_the_engine_says_of_a_prompt_can_be_heard_as_it_came(client, painting):
    heard = []
    run = await client.submit(painting(steps=2), heard=heard.append)
    await run.result(PATIENCE)
    said = [frame["type"] for frame in heard if isinstance(frame, dict)]
    assert (said[0], said[-2:]) == ("execution_start", ["execution_success", "executing"])
    assert {frame["data"]["prompt_id"] for frame in heard if isinstance(frame, dict)} == {run.prompt_id}
    assert [parse_binary(one).prompt_id for one in heard if isinstance(one, bytes)] == [run.prompt_id] * 2


async def test_what_custom_nodes_say_is_heard_of_the_prompt_that_runs(slow_client, painting):
    """ComfyUI behaviour: such messages are sent to the client whose prompt runs, and seldom name it."""
    heard = []
    run = await slow_client.submit(painting(steps=200), heard=heard.append)
    await stepping(run)
    heard.clear()
    ours, of_another = {"type": "mine", "data": 1}, {"type": "mine", "data": {"prompt_id": "of another"}}
    named, text = {"type": "mine", "data": {"prompt_id": run.prompt_id}}, b"\0\0\0\3\0\0\0\0015hello"
    for raw in (ours, of_another, named):
        slow_client._receive(parse(raw), raw)
    slow_client._receive(parse_binary(text), text)
    assert [frame for frame in heard if frame in (ours, of_another, named, text)] == [ours, named, text]
    await slow_client.cancel(run.prompt_id)
    await run.result(PATIENCE)
    slow_client._receive(parse(ours), ours)
    assert heard.count(ours) == 1
