"""``/object_info``, ``/system_stats``, ``/models``: what all engines have, as if they were one."""

from __future__ import annotations

from fastapi import APIRouter


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    return APIRouter()
