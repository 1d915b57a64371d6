"""``/prompt``, ``/queue``, ``/history``, ``/interrupt``, ``/api/jobs``: prompts are jobs here."""

from __future__ import annotations

from fastapi import APIRouter


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    return APIRouter()
