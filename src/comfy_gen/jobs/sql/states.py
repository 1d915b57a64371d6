"""The condition that a job is in one of some states, for statements that every job needs. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import false, or_

from comfy_gen.jobs.tables import jobs

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement

    from comfy_gen.jobs.job import JobState


def is_one_of(states: Collection[JobState]) -> ColumnElement[bool]:
    """Return the condition. SQLAlchemy writes an ``IN`` anew each time, which takes longer than to carry it out."""
    return or_(false(), *(jobs.c.state == state for state in sorted(states)))
