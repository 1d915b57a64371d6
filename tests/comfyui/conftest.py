"""A sandbox and a client of it that is quick to notice trouble."""

from __future__ import annotations

import pytest

from comfy_gen.comfyui import AsyncComfyUIClient, ClientOptions
from comfy_gen.sandbox import Sandbox, SandboxOptions

QUICK = ClientOptions(
    connect_timeout=2.0, reconnect_delay=0.01, reconnect_delay_max=0.05, silence=0.05, give_up=0.4, poll_interval=0.01
)


@pytest.fixture
async def sandbox():
    async with Sandbox(SandboxOptions()) as sandbox:
        yield sandbox


@pytest.fixture
async def slow_sandbox():
    """One whose prompts can be caught while they run."""
    async with Sandbox(SandboxOptions(step_time=0.01)) as sandbox:
        yield sandbox


@pytest.fixture
async def client(sandbox):
    async with AsyncComfyUIClient(url=sandbox.url, options=QUICK) as client:
        yield client


@pytest.fixture
async def slow_client(slow_sandbox):
    async with AsyncComfyUIClient(url=slow_sandbox.url, options=QUICK) as client:
        yield client


@pytest.fixture
def painting():
    """A graph that samples ``steps`` steps."""

    def make(steps=3, seed=1, prefix="t"):
        return {
            "1": {
                "class_type": "CheckpointLoaderSimple",
                "inputs": {"ckpt_name": "v1-5-pruned-emaonly-fp16.safetensors"},
            },
            "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a lighthouse", "clip": ["1", 1]}},
            "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["1", 1]}},
            "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
            "5": {
                "class_type": "KSampler",
                "inputs": {
                    "seed": seed,
                    "steps": steps,
                    "cfg": 7.0,
                    "sampler_name": "euler",
                    "scheduler": "normal",
                    "denoise": 1.0,
                    "model": ["1", 0],
                    "positive": ["2", 0],
                    "negative": ["3", 0],
                    "latent_image": ["4", 0],
                },
            },
            "6": {"class_type": "VAEDecode", "inputs": {"samples": ["5", 0], "vae": ["1", 2]}},
            "7": {"class_type": "SaveImage", "inputs": {"images": ["6", 0], "filename_prefix": prefix}},
        }

    return make
