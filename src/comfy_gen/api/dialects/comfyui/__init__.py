"""A ComfyUI's own API: one ComfyUI to look at, many engines behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from comfy_gen.api.dialects.dialect import Dialect
from comfy_gen.api.problems import plainly

if TYPE_CHECKING:
    from comfy_gen.config import DialectOptions


def dialect(options: DialectOptions) -> Dialect:
    """Return the dialect."""
    return Dialect("comfyui", (options.comfyui_path,), (APIRouter(),), plainly)
