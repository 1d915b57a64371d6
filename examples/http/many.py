"""Generates a picture for each prompt, all at once, and saves them as they are done. Needs: pip install requests.

python many.py "a lighthouse" "a forest in fog" "a paper boat"
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

SERVICE = os.environ.get("COMFYGEN_URL", "http://127.0.0.1:8000")
KEY = os.environ.get("COMFYGEN_KEY", "")


def generate(prompt: str) -> str:
    """Generate one picture, and return what became of it."""
    with requests.Session() as session:
        session.headers.update({"Authorization": f"Bearer {KEY}"} if KEY else {})
        answer = session.post(f"{SERVICE}/generate/sync?timeout=60", json={"prompt": prompt})
        job = answer.json()
        if not answer.ok:
            return f"{prompt}: {job['error']['message']}"
        while job["status"] not in ("completed", "failed"):  # it takes longer, and goes on: wait until its stream ends
            with session.get(SERVICE + job["links"]["stream"], stream=True) as stream:
                for _ in stream.iter_lines():
                    pass
            job = session.get(f"{SERVICE}/result/{job['id']}").json()
    if job["status"] == "failed":
        return f"{prompt}: {job['message']}"
    path = Path(f"{job['id']}.png")
    path.write_bytes(requests.get(job["output_url"], timeout=60).content)  # the address is enough; no key goes there
    return f"{prompt}: {path}"


if __name__ == "__main__":
    prompts = sys.argv[1:] or ["a lighthouse", "a forest in fog", "a paper boat"]
    with ThreadPoolExecutor(len(prompts)) as pool:
        for line in pool.map(generate, prompts):
            print(line)
