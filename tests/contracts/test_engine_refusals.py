"""Every way in which an engine refuses a prompt: the recorded requests get the recorded answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.contracts.reenactment import perform, recorded_answers, requests_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contracts.peer import Peer
    from tests.contracts.reenactment import Trace


@pytest.mark.traces("07_*")
@pytest.mark.unlike_service(
    "what a ComfyUI trips over is refused with a reason; NaN is no JSON; ids are UUIDs",
    *("07_val_http_level", "07_val_nan", "07_val_prompt_list", "07_val_prompt_null"),
)
async def test_engine_answers_a_prompt_as_recorded(
    trace_name: str, engine: Peer, trace: Callable[[str], Trace]
) -> None:
    recording = requests_to("/prompt", trace(trace_name))
    async with engine.listen() as line:
        answers, _ = await perform(recording, engine, line)
    assert answers == recorded_answers(recording)
