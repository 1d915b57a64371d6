"""Who asks, as they are told it themselves, and how a browser is let in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from comfy_gen.api.wire.requests import Body
from comfy_gen.app.caller import Scope
from comfy_gen.composition.tier import Tier


class Session(BaseModel):
    """Who asks."""

    is_admitted: bool = Field(description="Whether the service answers them.")
    owner: str = Field(description="Whose jobs they see; empty where no keys are in use.")
    name: str = Field(description="Of their key.")
    scopes: list[Scope]
    tier: Tier = Field(description="The highest that they may ask for.")
    how: Literal["key", "cookie", "place", "open", "nothing"] = Field(
        alias="with",
        description="What let them in: a key, the cookie for one, that they are at the service's own machine, "
        "that it is open to everybody; or nothing did.",
    )
    version: str


class SessionBody(Body):
    """The key for which a browser gets its cookie."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"key": "cg_k3vw8q2n_an8vpEXAMPLEEXAMPLEEXAMPLEEXAMPLEEXAMPLEgh"}]}
    )

    key: Annotated[SecretStr, Field(min_length=1, max_length=1_000)] = Field(description="Its text, `cg_…`.")
