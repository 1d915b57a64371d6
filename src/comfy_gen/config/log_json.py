"""Writes log records for programs: one JSON object a line. Loads structlog, which text does not need."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog
from structlog.contextvars import merge_contextvars
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_logger_name

from comfy_gen.config.masks import masked
from comfy_gen.jobs.current import CURRENT_JOB

if TYPE_CHECKING:
    import logging
    from collections.abc import MutableMapping

FIELDS = ("method", "path", "status", "milliseconds", "caller", "job_id")
"""What a record may say beside its text, with ``extra=``."""


def json_formatter(secrets: tuple[str, ...]) -> logging.Formatter:
    """Return what writes a record as one line of JSON: what a request or a job is about goes with it."""

    def mask(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        # Before it is JSON: a secret with a quote in it would look different afterwards.
        return {key: masked(value, secrets) if isinstance(value, str) else value for key, value in event.items()}

    # What is not ASCII is escaped: so nothing in a line can steer a terminal, or look like the end of the line.
    render = structlog.processors.JSONRenderer(ensure_ascii=True)
    return ProcessorFormatter(
        foreign_pre_chain=[
            _begin,
            add_logger_name,
            merge_contextvars,
            _add_job,
            ExtraAdder(FIELDS),
        ],
        processors=[ProcessorFormatter.remove_processors_meta, structlog.processors.format_exc_info, mask, render],
    )


def _begin(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put first what every line has. The time is that of the record: a handler may write it later."""
    record: logging.LogRecord = event["_record"]
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return {"timestamp": at.replace("+00:00", "Z"), "level": record.levelname.lower(), **event}


def _add_job(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    job_id = CURRENT_JOB.get()
    if job_id:
        event.setdefault("job_id", job_id)
    return event
