"""What a real ComfyUI was recorded to do, every engine does again: same answers, same messages, same order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.contracts.pictures import png
from tests.contracts.reenactment import perform, recorded_answers, recorded_messages, wants_flags

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contracts.peer import Peer
    from tests.contracts.reenactment import Trace


def unlike(name: str, reason: str) -> Any:
    """Return a scene in which our service does otherwise."""
    return pytest.param((name,), marks=pytest.mark.unlike_service(reason))


FILES = {"corrupt.png": b"this is no picture", "ueca4fd.png": png(), "view.png": png()}

SCENES: tuple[Any, ...] = (
    ("02_success_ksampler",),
    ("02_success_ksampler", "03_success_ksampler_flags"),
    ("04_success_nomodel",),
    ("05_cached_full",),
    unlike("05_cached_full_noclient", "the outputs that a ComfyUI loses there are kept"),
    ("05_cached_partial",),
    ("06_preview_batch3",),
    ("06_lora",),
    pytest.param(("06_lora", "06_batch4"), marks=pytest.mark.unlike_service("each output node has its own folder")),
    ("07_val_one_good_one_bad_output",),
    ("02_success_ksampler", "07_val_partial_targets"),
    unlike("08_err_corrupt_image", "a damaged picture is refused before the prompt is accepted"),
    ("08_err_node_raises",),
    ("08_err_node_raises", "08_err_save_outside"),
    ("09_interrupt_idle",),
    ("14_upload_then_run",),
    ("16_after_free", "16_after_free_2"),
)
"""Recordings by name; those before the last only bring the engine's cache into the recorded state."""


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene[-1])
async def test_engine_does_again_what_was_recorded(
    scene: tuple[str, ...], engine: Peer, trace: Callable[[str], Trace]
) -> None:
    for name, content in FILES.items():
        await engine.upload(name, content, overwrite="true")
    *before, name = scene
    for earlier in before:
        async with engine.listen() as line:
            await perform(trace(earlier), engine, line, FILES)
    recording = trace(name)
    async with engine.listen(flags=wants_flags(recording)) as line:
        answers, messages = await perform(recording, engine, line, FILES)
    assert answers == recorded_answers(recording)
    assert messages == recorded_messages(recording)
