"""What a category is: words that it is known by, and what it brings to a picture. Pure.

`reading` makes them of files; docs/categories.md says what each field does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from comfy_gen.composition.tier import Tier

if TYPE_CHECKING:
    from collections.abc import Collection

SCHEMA_VERSION = 1
"""Of the files; a file of a newer one is refused."""


class Kind(StrEnum):
    """What a category says of a picture; in the order in which they speak in a prompt."""

    SUBJECT = "subject"
    """What it shows."""
    SETTING = "setting"
    """Where."""
    MODIFIER = "modifier"
    """In which light, weather, season; through which lens."""
    STYLE = "style"
    """As which kind of picture."""


@dataclass(frozen=True, slots=True)
class Keywords:
    """What a category is known by, in lower case and the singular."""

    primary: tuple[str, ...] = ()
    """Words that mean just this."""
    secondary: tuple[str, ...] = ()
    """Words that hint at it, and may well mean something else."""
    specific: tuple[str, ...] = ()
    """Phrases that leave no doubt."""

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, the surest first."""
        return (*self.primary, *self.specific, *self.secondary)


@dataclass(frozen=True, slots=True)
class Fragments:
    """Parts of a prompt."""

    required: tuple[str, ...] = ()
    """Always added."""
    optional: tuple[str, ...] = ()
    """Added while there is room."""


@dataclass(frozen=True, slots=True)
class Condition:
    """When something is used; what is empty does not matter."""

    families: tuple[str, ...] = ()
    """The model is of one of these: ``sd15``, ``sdxl``, ``sd3.5``, ``flux``, ``qwen-image``."""
    workflows: tuple[str, ...] = ()
    """The workflow is one of these."""
    categories: tuple[str, ...] = ()
    """One of these is used too."""
    without: tuple[str, ...] = ()
    """None of these is used."""

    def holds(self, *, family: str, workflow: str, categories: Collection[str]) -> bool:
        """Tell whether it is met."""
        return (
            (not self.families or family in self.families)
            and (not self.workflows or workflow in self.workflows)
            and (not self.categories or any(one in categories for one in self.categories))
            and not any(one in categories for one in self.without)
        )


@dataclass(frozen=True, slots=True)
class LoraUse:
    """A LoRA that a category wants."""

    filename: str
    strength: float = 1.0
    """From -2 to 2."""
    triggers: tuple[str, ...] = ()
    """Words that the prompt must have for it to work."""
    when: Condition = field(default_factory=Condition)


@dataclass(frozen=True, slots=True)
class Loras:
    """What a category says of LoRAs."""

    required: tuple[LoraUse, ...] = ()
    recommended: tuple[LoraUse, ...] = ()
    avoid: tuple[str, ...] = ()
    """Files that spoil it, whoever wants them."""


@dataclass(frozen=True, slots=True)
class Range:
    """What a number may be, and what it is best."""

    minimum: float
    maximum: float
    default: float


@dataclass(frozen=True, slots=True)
class SettingWishes:
    """How a category wants its pictures sampled; None where it does not care."""

    steps: Range | None = None
    cfg: Range | None = None
    denoise: Range | None = None
    """Matters where there is a picture to start from."""
    aspect_ratio: tuple[int, int] | None = None
    """Width to height."""
    sampler: str | None = None
    scheduler: str | None = None


@dataclass(frozen=True, slots=True)
class WorkflowWishes:
    """Which workflows a category wants."""

    preferred: tuple[str, ...] = ()
    """By name, the best first."""
    required_capabilities: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """How a category goes with others."""

    priority: int = 50
    """From 0 to 100; of two that cannot go together the one with more is kept, and its settings count first."""
    conflicts_with: tuple[str, ...] = ()
    """Said on one side it counts for both."""
    requires: tuple[str, ...] = ()
    """Ids that come along."""
    enhances: tuple[str, ...] = ()
    """Ids that go well with it: of two that are equally likely it decides."""
    max_per_type: int | None = None
    """So many of its type at most where it is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """One category."""

    id: str
    kind: Kind
    display_name: str
    description: str
    icon: str = "category"
    """A name of Material Symbols."""
    schema_version: int = SCHEMA_VERSION
    tier: Tier = Tier.GENERAL
    keywords: Keywords = field(default_factory=Keywords)
    positive: Fragments = field(default_factory=Fragments)
    negative: Fragments = field(default_factory=Fragments)
    loras: Loras = field(default_factory=Loras)
    settings: SettingWishes = field(default_factory=SettingWishes)
    workflows: WorkflowWishes = field(default_factory=WorkflowWishes)
    models: tuple[str, ...] = ()
    """Checkpoints that it wants, the best first; empty where that of the workflow will do."""
    rules: Rules = field(default_factory=Rules)
    source: str = ""
    """The file that it was read from; empty for one that ships."""
