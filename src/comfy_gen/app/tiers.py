"""What a request's pictures may show: what it asks for, as far as its caller may. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from comfy_gen.composition.tier import Tier, lowest

if TYPE_CHECKING:
    from comfy_gen.app.caller import Caller
    from comfy_gen.config import PolicyOptions


class Allowed(NamedTuple):
    """What may be shown."""

    tier: Tier
    """In this request."""
    may: Tier
    """In any request of the caller's."""
    note: str = ""
    """What the caller should know of it."""


def allowed(caller: Caller, options: PolicyOptions, asked: Tier | None) -> Allowed:
    """Return what a request may show: what it says, or the installation does, capped by what its caller may have."""
    may = lowest(caller.tier, Tier(options.max_tier))
    if asked is None:  # nobody needs to know what they did not ask for
        return Allowed(lowest(Tier(options.tier), may), may)
    if may.allows(asked):
        return Allowed(asked, may)
    return Allowed(may, may, f"the tier is {may}: this caller may not have {asked}")
