"""Modifiers from the name to the stored picture, over a sandbox."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from comfy_gen.app import open_queue, open_service
from comfy_gen.config import Settings
from comfy_gen.jobs.job import JobState
from comfy_gen.jobs.request import JobRequest
from comfy_gen.pipeline.modifiers import Modifiers
from comfy_gen.sandbox import Sandbox
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.files import save_workflow
from tests.contracts.pictures import png

if TYPE_CHECKING:
    from pathlib import Path

PATIENCE = 30
"""Seconds after which a test is stuck."""
SMALL = {"steps": 2, "seed": 1}
DOCUMENTED = """
from modifiers.basemodifier import BaseModifier
import random

class Portrait(BaseModifier):
    WORKFLOW_JSON = "workflows/portrait.json"

    def __init__(self, modifications={}):
        super().__init__(modifications)

    async def apply_modifications(self):
        self.workflow["6"]["inputs"]["seed"] = await self.modify_workflow_value(
            "seed", random.randint(0, 2**32))
        self.workflow["2"]["inputs"]["text"] = await self.modify_workflow_value(
            "prompt", "")
        self.workflow["4"]["inputs"]["image"] = await self.modify_workflow_value(
            "PICTURE")
        await super().apply_modifications()
"""


async def _picture(request: web.Request) -> web.Response:
    colours = {"/red.png": (200, 30, 30), "/clear.png": (200, 30, 30, 0), "/mask.png": (255, 255, 255)}
    return web.Response(body=png(colours[request.path]), content_type="image/png")


@pytest.fixture
async def site():
    """The URL of a site with pictures."""
    app = web.Application()
    app.router.add_get("/{name}", _picture)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


@pytest.fixture
async def paint(tmp_path: Path):
    """Have a modifier's workflow run; return the sizes of what came of it."""
    async with Sandbox() as engine:
        usual = Settings()
        settings = replace(
            usual,
            fleet=replace(usual.fleet, engines=f"e={engine.url}"),
            jobs=replace(usual.jobs, data_dir=tmp_path / "data", allow_private_urls=True),
        )
        async with open_queue(settings) as queue, open_service(settings) as (_, worker):
            working = asyncio.create_task(worker.run())

            async def run(workflow: Any) -> list[tuple[int | None, int | None]]:
                (accepted,) = await queue.submit([JobRequest(workflow)])
                async with asyncio.timeout(PATIENCE):
                    async for _ in queue.watch(accepted.job.job_id):
                        pass
                job = await queue.store.get(accepted.job.job_id)
                assert (job.state, job.failure) == (JobState.COMPLETED, None)
                return [(one.width, one.height) for one in await queue.store.artifacts(job.job_id)]

            yield run
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


@pytest.mark.parametrize(
    ("name", "modifications", "size"),
    [
        ("Text2Image", {**SMALL, "width": 64, "height": 72}, (64, 72)),
        ("Image2Image", {**SMALL, "input_image": "SITE/red.png"}, (64, 64)),
        ("Inpaint", {**SMALL, "input_image": "SITE/clear.png"}, (64, 64)),
        ("Inpaint", {**SMALL, "input_image": "SITE/red.png", "mask_image": "SITE/mask.png"}, (64, 64)),
        ("LoRA", {**SMALL, "width": 64, "height": 64, "loras": [{"name": "detail.safetensors"}]}, (64, 64)),
        ("Upscale", {"input_image": "SITE/red.png", "scale_by": 0.5}, (128, 128)),
    ],
)
async def test_shipped_modifier_paints(paint, site, name, modifications, size):
    given = {
        key: value.replace("SITE", site) if isinstance(value, str) else value for key, value in modifications.items()
    }
    workflow = await Modifiers.load(allow_private=True).apply(name, given)
    assert await paint(workflow) == [size]


async def test_documented_modifier_paints(paint, site, tmp_path):
    folder = tmp_path / "own" / "modifiers"
    folder.mkdir(parents=True)
    (folder.parent / "workflows").mkdir()
    save_workflow(load_template("sd15-img2img").workflow, folder.parent / "workflows" / "portrait.json")
    (folder / "portrait.py").write_text(DOCUMENTED.replace("PICTURE", f"{site}/red.png"), encoding="utf-8")
    modifiers = Modifiers.load(folder, allow_private=True)
    assert modifiers.problems == ()
    workflow = await modifiers.apply("Portrait", {"prompt": "a king, see http://example.com/king.png", "seed": 4})
    assert await paint(workflow) == [(64, 64)]
