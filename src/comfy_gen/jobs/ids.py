"""The ids of jobs and of what they leave. Pure."""

from __future__ import annotations

import uuid
from typing import NewType

from comfy_gen.errors import InvalidParameterError

JobId = NewType("JobId", str)
"""A UUID4 as text."""


def new_job_id() -> JobId:
    """Return an id that nobody has."""
    return JobId(str(uuid.uuid4()))


def delivery_id_of(job_id: JobId, state: str, run: int) -> str:
    """Return the id of the webhook that tells of an end; ``run`` counts how often the job was begun afresh."""
    return str(uuid.uuid5(uuid.UUID(job_id), f"webhook/{state}/{run}"))


def progress_id_of(job_id: JobId, mark: str, run: int) -> str:
    """Return the id of the webhook that tells how far a job is; ``mark`` tells its news from the run's other news."""
    return str(uuid.uuid5(uuid.UUID(job_id), f"webhook/progress/{run}/{mark}"))


def check_job_id(job_id: str) -> None:
    """Do nothing, if this can be a job's id.

    Raises:
        InvalidParameterError: it is no UUID in its usual form.
    """
    try:
        is_usual = str(uuid.UUID(job_id)) == job_id
    except (ValueError, AttributeError, TypeError):
        is_usual = False
    if not is_usual:
        raise InvalidParameterError("job_id", job_id, "a UUID in lower case, with its hyphens")
