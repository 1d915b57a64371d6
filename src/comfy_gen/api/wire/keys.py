"""The keys of the service, and what can be asked of them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from comfy_gen.api.wire.requests import WHOLE, Body
from comfy_gen.app.caller import Scope
from comfy_gen.composition.tier import Tier
from comfy_gen.config.kinds import rate as rate_kind

_NAME = 64


def _check_rate(said: str) -> str:
    """Return a rate as it is kept; empty stays empty."""
    kind = rate_kind()
    try:
        return str(kind.check(said)) if said else ""
    except ValueError:
        raise PydanticCustomError("rate", "Input should be {expected}", {"expected": kind.expected}) from None


class KeyInfo(BaseModel):
    """A key, without what opens anything."""

    id: str
    name: str
    owner: str = Field(description="Whose jobs it sees.")
    scopes: list[Scope]
    rate: str = Field(description="Such as `600/minute`; empty: as the settings say.")
    max_waiting: int | None = Field(description="So many of its owner's jobs may wait; null: as the settings say.")
    tier: Tier = Field(description="The highest that it may ask for.")
    created: float
    revoked: float | None = Field(description="When it was; null while it is good.")


class Keys(BaseModel):
    """All keys, the oldest first, with those that were revoked."""

    keys: list[KeyInfo]


class NewKey(KeyInfo):
    """A key that was made just now."""

    key: str = Field(description="What opens the service. It is shown this once.")


class KeyBody(Body):
    """A key to make."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "anna", "scopes": ["read", "generate"]}]})

    name: Annotated[str, Field(min_length=1, max_length=_NAME)] = Field(description="Whom, or what, it is for.")
    owner: Annotated[str, Field(max_length=_NAME)] = Field(
        default="", description="Whose jobs it is to see; its own name, if left out."
    )
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=len(Scope))] = Field(
        default_factory=lambda: [Scope.READ, Scope.GENERATE]
    )
    rate: Annotated[str, Field(max_length=100), AfterValidator(_check_rate)] = Field(
        default="", description="Such as `600/minute`; as the settings say, if left out."
    )
    max_waiting: Annotated[int, Field(ge=1, le=2**31 - 1), WHOLE] | None = Field(
        default=None, description="So many jobs of its owner may wait; as the settings say, if left out."
    )
    tier: Tier = Field(default=Tier.GENERAL, description="The highest that it may ask for.")
