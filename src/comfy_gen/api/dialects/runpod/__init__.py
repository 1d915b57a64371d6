"""The API of a RunPod endpoint that has `worker-comfyui`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from comfy_gen.api.dialects.dialect import Dialect
from comfy_gen.api.problems import plainly

if TYPE_CHECKING:
    from comfy_gen.config import DialectOptions


def dialect(_: DialectOptions) -> Dialect:
    """Return the dialect."""
    return Dialect("runpod", ("/run", "/runsync", "/status", "/cancel", "/stream", "/v2"), (APIRouter(),), plainly)
