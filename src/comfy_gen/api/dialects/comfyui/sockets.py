"""``/ws``: how prompts go on, in the order and words of a ComfyUI."""

from __future__ import annotations

from fastapi import APIRouter


def routes() -> APIRouter:
    """Return the routes, without what begins their paths."""
    return APIRouter()
