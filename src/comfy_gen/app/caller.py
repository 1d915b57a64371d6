"""Who asks, and what they may do. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from comfy_gen.composition.tier import Tier


class Scope(StrEnum):
    """What a key is good for."""

    READ = "read"
    """Look at jobs, results and the queue."""
    GENERATE = "generate"
    """Submit jobs, and cancel or repeat one's own."""
    ADMIN = "admin"
    """Everything, everybody's jobs included."""


ALL_SCOPES = frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever a request comes from."""

    owner: str
    """Whose jobs they see; empty where no keys are in use."""
    scopes: frozenset[Scope]
    key_id: str | None = None
    name: str = ""
    """Of the key, for logs."""
    rate: str = ""
    """How many requests they may make; empty: as the settings say."""
    max_waiting: int | None = None
    """So many of their jobs may wait; None: as the settings say."""
    tier: Tier = Tier.GENERAL
    """The highest that they may ask for."""

    @property
    def is_admin(self) -> bool:
        """Whether they may do everything."""
        return Scope.ADMIN in self.scopes

    def may(self, scope: Scope) -> bool:
        """Tell whether they have a scope: who may generate may look at what becomes of it."""
        implied = scope is Scope.READ and Scope.GENERATE in self.scopes
        return self.is_admin or implied or scope in self.scopes

    def owns(self, owner: str) -> bool:
        """Tell whether what belongs to this owner is theirs to see."""
        return self.is_admin or owner == self.owner
