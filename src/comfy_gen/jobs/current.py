"""Which job is being worked on here: for logs, so that whoever logs need not be told."""

from __future__ import annotations

from contextvars import ContextVar

CURRENT_JOB: ContextVar[str] = ContextVar("current_job", default="")
"""The id of the job that this task works on; empty where it works on none."""
