"""Looks up which engines the queue uses already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.cli.jobs.queue import ask
from comfy_gen.engines.registry import parse_entries
from comfy_gen.errors import ComfyGenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.config import Settings
    from comfy_gen.engines.registry import EngineEntry


def engine_addresses(settings: Settings) -> set[str] | None:
    """Return where the engines of the queue are; None if nobody can tell now: that is for other commands to say."""
    try:
        return {entry.address.rstrip("/").lower() for entry in _engines(settings)}
    except ComfyGenError:
        return None


def _engines(settings: Settings) -> Sequence[EngineEntry]:
    jobs = settings.jobs
    if not jobs.database and not (jobs.data_dir / "comfygen.db").exists():  # opening the queue would make one
        return parse_entries(settings.fleet.engines or settings.engine_url)
    return ask(lambda queue: queue.engines())
