"""The header that says what a request's pictures may show."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

from comfy_gen.composition.tier import Tier

TierHeader = Annotated[
    Tier | None,
    Header(alias="X-Policy-Tier", description="What pictures may show, where the body does not say."),
]
