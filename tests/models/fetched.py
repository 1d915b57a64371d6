"""A file to fetch, and how it is fetched in tests: without waiting, and with an end."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random

from comfy_gen.models.download import DownloadOptions, download
from comfy_gen.models.model import Model, Offer

CONTENT = random.Random(7).randbytes(5000)


OPTIONS = DownloadOptions(connections=3, piece=1000, allow_private=True, retries=2)


async def at_once(seconds):
    await asyncio.sleep(0)


def offered(url, content=None, *, headers=None, **known):
    if content is not None:
        known |= {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    return Offer(model=Model(file="a.gguf", folder="diffusion_models", **known), url=url, headers=headers or {})


async def fetch(offer, target, options=OPTIONS, **more):
    async with asyncio.timeout(20):
        return await download(offer, target, options, **more, pause=at_once)


def names(target):
    return sorted(os.listdir(target.parent))
