"""How a job goes on, as a stream of events that can be taken up again."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
