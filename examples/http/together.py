"""Generates a picture for each prompt on one loop, and saves them once all are there. Needs: pip install httpx.

python together.py "a lighthouse" "a forest in fog"
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import httpx

SERVICE = os.environ.get("COMFYGEN_URL", "http://127.0.0.1:8000")
KEY = os.environ.get("COMFYGEN_KEY", "")


async def generate(service: httpx.AsyncClient, prompt: str) -> Path:
    """Generate one picture, and return where it is."""
    answer = await service.post("/generate/sync?timeout=300", json={"prompt": prompt})
    result = answer.raise_for_status().json()
    if result["status"] != "completed":  # it failed, or takes longer than that, and goes on
        raise SystemExit(f"{prompt}: {result['message']}")
    path = Path(f"{result['id']}.png")
    async with httpx.AsyncClient() as anybody:  # the address is enough; no key goes there
        path.write_bytes((await anybody.get(result["output_url"])).content)
    return path


async def main(prompts: list[str]) -> None:
    """Generate all of them at once."""
    headers = {"X-API-Key": KEY} if KEY else {}
    async with httpx.AsyncClient(base_url=SERVICE, headers=headers, timeout=330) as service:
        for path in await asyncio.gather(*(generate(service, prompt) for prompt in prompts)):
            print(path)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or ["a lighthouse", "a forest in fog"]))
