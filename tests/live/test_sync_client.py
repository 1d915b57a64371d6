"""The synchronous client on a real ComfyUI."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comfy_gen.comfyui import Cancellation, ComfyUIClient, Ending
from comfy_gen.comfyui.tracker import Stepped
from comfy_gen.errors import InterruptedPromptError, PromptRejectedError
from tests.contracts.graphs import CHECKPOINT, endless, scaled, text_to_image
from tests.contracts.pictures import opened, png

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.live.comfyui.server import ComfyUI

PATIENCE = 60.0


@pytest.fixture
def client(comfyui: ComfyUI) -> Iterator[ComfyUIClient]:
    with ComfyUIClient(url=comfyui.url) as client:
        yield client


def test_sync_client_paints_a_picture(client: ComfyUIClient) -> None:
    outcome = client.run_workflow(text_to_image(seed=21), timeout=PATIENCE)
    assert outcome.ending is Ending.SUCCESS
    assert opened(client.get_file(outcome.files[0])).size == (64, 64)


def test_sync_client_tells_every_step(client: ComfyUIClient) -> None:
    run = client.submit(text_to_image(seed=22, steps=3))
    assert [event.value for event in run.events() if isinstance(event, Stepped)] == [1, 2, 3]


def test_sync_client_uploads_and_scales(client: ComfyUIClient) -> None:
    name = client.upload_image(png((1, 2, 3)), name="sync.png")["name"]
    outcome = client.run_workflow(scaled(name, size=16), timeout=PATIENCE)
    assert opened(client.get_file(outcome.files[0])).getpixel((0, 0)) == (1, 2, 3)


def test_sync_client_cancels_what_runs(client: ComfyUIClient) -> None:
    run = client.submit(endless())
    next(event for event in run.events() if isinstance(event, Stepped))
    assert client.cancel(run.prompt_id) is Cancellation.INTERRUPTED
    with pytest.raises(InterruptedPromptError):
        run.result(PATIENCE).raise_for_failure()


def test_sync_client_raises_what_the_engine_refuses(client: ComfyUIClient) -> None:
    with pytest.raises(PromptRejectedError):
        client.submit(text_to_image(steps=0))


def test_sync_client_reads_what_the_engine_has(client: ComfyUIClient) -> None:
    assert CHECKPOINT in client.get_models("checkpoints")
    assert "KSampler" in client.get_object_info()
    assert client.get_system_stats()["system"]["comfyui_version"]
