"""``/userdata``, ``/settings``, ``/users``: what the editor keeps for a person."""

from __future__ import annotations

from fastapi import APIRouter


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    return APIRouter()
