"""Measures what 10,000 queued jobs take: memory, and the time to add them.

Run: python benchmarks/queued_jobs.py [--jobs N]
"""

from __future__ import annotations

import json
import time
from pathlib import Path

from _engine import arguments, engine, verdict

from comfy_gen.comfyui import ComfyUIClient
from comfy_gen.queue_manager import QueueManager
from comfy_gen.workflows.catalogue import load_template

BAR = 200.0
"""Megabytes that the whole process may take."""


def resident() -> float:
    """Return this process's memory in MB."""
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise AssertionError("Linux tells it")


def main() -> None:
    """Print both figures."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--jobs", type=int, default=10_000)
    given = parser.parse_args()
    workflow = load_template("wan2.2-t2v").workflow
    with engine(given.engine) as url, ComfyUIClient(url=url) as client:
        queue = QueueManager(client)
        before, began = resident(), time.perf_counter()
        for number in range(given.jobs):
            queue.add_job(f"job_{number}", workflow, {"number": number})
        seconds = time.perf_counter() - began
    print(f"{given.jobs:,} jobs of {len(json.dumps(workflow)):,} bytes each, added in {seconds:.2f} s")
    taken = resident()
    print(f"memory: {taken - before:.1f} MB more, {taken:.1f} MB in all   (at most {BAR:g}: {verdict(taken <= BAR)})")


if __name__ == "__main__":
    main()
