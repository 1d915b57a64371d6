"""Whether the service is there, for whoever asks, with or without a key."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()


@router.get("/api/v2/health")
async def health() -> dict[str, str]:
    """Say that the service answers; of its engines nothing is said here."""
    return {"status": "healthy", "upstream": "comfygen"}
