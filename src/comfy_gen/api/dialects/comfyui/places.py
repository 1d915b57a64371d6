"""Where an output is found that many engines might have given the same name. Pure."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """What ``/view`` is asked for: an output of a job."""

    job_id: str
    node_id: str
    filename: str
    """As the engine called it."""


def subfolder_of(job_id: str, node_id: str) -> str:
    """Return the subfolder that an output of a job is said to be in: no two outputs are at the same place."""
    return f"{job_id}/{node_id}"


def place_of(filename: str, subfolder: str) -> Place | None:
    """Return which output this is; None if it is none of a job's."""
    job_id, slash, node_id = subfolder.partition("/")
    return Place(job_id, node_id, filename) if slash and job_id and node_id and filename else None
