"""A program with the official SDK that finds the job which an earlier one of it submitted: ``resumed.py LABEL``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from comfy_sdk import Comfy, OutputReady, Progress, StatusChange

if TYPE_CHECKING:
    from comfy_sdk import Job


def main(label: str, workflow: str) -> None:
    with Comfy() as client:
        found = [client.jobs.get(one.id) for one in client.list_jobs(metadata={"mine": label})]
        job = found[0] if found else client.submit(client.workflows.from_str(workflow), metadata={"mine": label})
        tell("found" if found else "submitted", job.id)
        follow(job)


def follow(job: Job) -> None:
    for event in job.events():
        match event:
            case Progress(step=step) if step:
                tell("step", step)
            case OutputReady(output=output):
                tell("output", len(output.to_bytes()))
            case StatusChange(status=status):
                tell("status", status)
            case _:
                pass


def tell(what: str, value: object) -> None:
    sys.stdout.write(f"{json.dumps([what, value])}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.stdin.read())
