"""``/view`` and ``/upload``: what jobs made, and what workflows work on."""

from __future__ import annotations

from fastapi import APIRouter


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    return APIRouter()
