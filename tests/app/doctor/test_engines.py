"""How the doctor looks at engines."""

from __future__ import annotations

from comfy_gen.app.doctor.engines import look_at_engines
from comfy_gen.comfyui.http import ClientOptions
from comfy_gen.engines.registry import parse_entries


async def test_engine_tells_what_it_has_and_what_time_it_is(background_sandbox):
    (seen,) = await look_at_engines(parse_entries(f"a={background_sandbox.url}"), ClientOptions())
    assert (seen.name, seen.address, seen.error) == ("a", background_sandbox.url, "")
    assert seen.version.startswith("the sandbox engine")
    assert seen.capability is not None
    assert "KSampler" in seen.capability.classes
    assert seen.has_socket
    assert seen.clock_ahead is not None
    assert abs(seen.clock_ahead) < 30


async def test_one_that_does_not_answer_is_told_of_beside_the_others(background_sandbox):
    entries = parse_entries(f"a={background_sandbox.url} b=http://user:secret@127.0.0.1:1")
    up, down = await look_at_engines(entries, ClientOptions())
    assert up.error == ""
    assert down.error == "connection refused"
    assert "secret" not in repr(down)
