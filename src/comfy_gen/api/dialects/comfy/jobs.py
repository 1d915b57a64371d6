"""Jobs: accepted, listed, looked at, cancelled."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
