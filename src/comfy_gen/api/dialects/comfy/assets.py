"""Assets: files for workflows to work on, known by their hash."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
