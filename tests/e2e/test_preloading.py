"""A worker that has its engines load models before any job asks for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from comfy_gen.config import Settings
from comfy_gen.config.settings import ComfyUIOptions, FleetOptions, JobOptions
from comfy_gen.sandbox import Sandbox
from tests.e2e.conftest import serving

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

SDXL = "checkpoints/sd_xl_base_1.0.safetensors"


async def test_worker_loads_what_the_settings_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comfy_gen.jobs.work.preloading.LOOK_EVERY", 0.01)
    async with Sandbox() as sandbox:
        settings = Settings(
            comfyui=ComfyUIOptions(url=sandbox.url),
            fleet=FleetOptions(preload=("sdxl-base",)),
            jobs=JobOptions(data_dir=tmp_path),
        )
        async with serving(settings) as (_, worker), asyncio.timeout(20):
            (name,) = worker.fleet.names
            while worker.fleet.engine(name).loaded != (SDXL,) or worker.fleet.engine(name).seated:
                await asyncio.sleep(0.01)
        assert sandbox.prompts_executed == 1
