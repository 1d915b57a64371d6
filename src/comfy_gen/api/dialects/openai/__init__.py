"""The OpenAI Images API, which OpenAI's SDKs speak."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from comfy_gen.api.dialects.dialect import Dialect
from comfy_gen.api.dialects.openai import images, listing, problems
from comfy_gen.api.dialects.openai.orders import Audience

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapi import FastAPI

    from comfy_gen.config import DialectOptions

FORMS = frozenset({"/v1/images/edits", "/v1/images/variations"})
"""Paths of bodies with pictures in them."""


def dialect(_: DialectOptions) -> Dialect:
    """Return the dialect."""
    routers = images.router, listing.router
    return Dialect("openai", ("/v1",), routers, problems.answer, _opened, lambda _, path: path in FORMS)


@asynccontextmanager
async def _opened(app: FastAPI) -> AsyncGenerator[None]:
    app.state.openai = Audience()
    yield
