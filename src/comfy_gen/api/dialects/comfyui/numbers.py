"""The numbers by which a ComfyUI's prompts have their places: the lowest goes first. Pure.

Here a job has its place in the line, among everybody's. Numbers are what a client is told of that: of a prompt that it
gave none, in the order in which all were accepted; and where jobs were moved, they have each other's.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from comfy_gen.jobs.dossier import Waiter
    from comfy_gen.jobs.ids import JobId

KEPT = "comfyui"
"""What is kept under in a job's metadata that this dialect has of it."""


def kept_of(metadata: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what this dialect keeps of a job; nothing of one that somebody asked for elsewhere."""
    kept: object = metadata.get(KEPT)
    return cast("Mapping[str, Any]", kept) if isinstance(kept, dict) else {}


def wanted_place(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a body says of the prompt's place, as it is kept.

    Raises:
        TypeError, ValueError: its number is none.
    """
    if "number" not in body:
        return {"front": True} if body.get("front") else {}
    number = float(body["number"])
    if not math.isfinite(number):
        raise ValueError(number)
    return {"number": number}


def number_of(metadata: Mapping[str, Any], seq: int) -> float:
    """Return the number of a job: its own, or that of its acceptance, which is turned around for the front."""
    kept = kept_of(metadata)
    return kept.get("number", -seq if kept.get("front") else seq)


def numbers_in_line(waiting: Sequence[tuple[Mapping[str, Any], int]]) -> list[float]:
    """Return the numbers of jobs that wait, each with its metadata and its own: they only rise along the line."""
    return sorted(number_of(*one) for one in waiting)


def next_to(job_id: str, waiting: Sequence[Waiter]) -> JobId | None:
    """Return before which of an owner's jobs one of them is to go, by its number; None: it stays where it is."""
    numbers = {one.job_id: number_of(one.metadata, one.seq) for one in waiting}
    own = next((number for other, number in numbers.items() if other == job_id), None)
    return next((other for other, number in numbers.items() if own is not None and number > own), None)
