"""How much a picture may show. Pure."""

from __future__ import annotations

from enum import StrEnum


class Tier(StrEnum):
    """A tier of content; each allows what those before it allow."""

    GENERAL = "general"
    """For everybody."""
    MATURE = "mature"
    """Not for children: horror, violence, nudity that is not sexual."""
    EXPLICIT = "explicit"
    """For adults alone."""

    @property
    def level(self) -> int:
        """Its place among the tiers, from 0."""
        return tuple(Tier).index(self)

    def allows(self, other: Tier) -> bool:
        """Tell whether what needs the other tier may be shown in this one."""
        return other.level <= self.level


def lowest(*tiers: Tier) -> Tier:
    """Return the tier that allows least."""
    return min(tiers, key=lambda tier: tier.level)


def highest(*tiers: Tier) -> Tier:
    """Return the tier that allows most."""
    return max(tiers, key=lambda tier: tier.level)
