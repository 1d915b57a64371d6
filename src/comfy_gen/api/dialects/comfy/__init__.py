"""Comfy API v2: the API of Comfy Cloud, which its official SDKs speak."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.api.dialects.comfy import assets, events, health, jobs
from comfy_gen.api.dialects.comfy.problems import answer
from comfy_gen.api.dialects.dialect import Dialect

if TYPE_CHECKING:
    from comfy_gen.config import DialectOptions


def dialect(_: DialectOptions) -> Dialect:
    """Return the dialect."""
    routers = (jobs.router, events.router, assets.router, health.router)
    return Dialect("comfy", ("/api/v2",), routers, answer, is_upload=assets.is_upload, is_untyped=jobs.is_untyped)
