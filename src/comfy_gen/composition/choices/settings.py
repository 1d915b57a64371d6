"""Settles how a picture is sampled: what categories want by their priority, within what all of them bear. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from comfy_gen.composition.choices.parts import part_of
from comfy_gen.composition.choices.sizes import settle_size
from comfy_gen.errors import InvalidParameterError
from comfy_gen.workflows.families import CLASSIC
from comfy_gen.workflows.slots import is_literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from comfy_gen.composition.ask import Wishes
    from comfy_gen.composition.categories.category import Category, Range
    from comfy_gen.composition.choices.choosing import Chosen
    from comfy_gen.composition.explanation import Account
    from comfy_gen.composition.recipe import Recipe
    from comfy_gen.workflows.parameter import Parameter

NUMBERS = ("steps", "cfg", "denoise")
SETTINGS = (*NUMBERS, "width", "height", "sampler", "scheduler")
"""As wishes and recipes call them, too."""


def settle(
    categories: Sequence[Category], chosen: Chosen, account: Account, *, wishes: Wishes, kept: Recipe | None = None
) -> dict[str, Any]:
    """Return the settings that the workflow has, by name.

    What was wished for counts first, then what an earlier recipe had, then what categories want.

    ``categories`` come in the order of their priority.

    Raises:
        InvalidParameterError: the workflow does not take what was wished for; it names all of it.
    """
    wished = _wished(chosen, wishes)
    before = {name: value for name in SETTINGS if (value := getattr(kept, name, None)) is not None}
    settling = _Settling(categories, chosen, account, wished, before)
    values: dict[str, Any] = {name: settling.number(name) for name in NUMBERS}
    values |= {name: settling.name(name) for name in ("sampler", "scheduler")}
    values |= settle_size(categories, chosen.template, account, wished=wished, kept=before)
    return {name: value for name, value in values.items() if value is not None}


def _wished(chosen: Chosen, wishes: Wishes) -> dict[str, Any]:
    """Return what was wished for, if the workflow takes it."""
    given = {name: value for name in (*SETTINGS, "negative_prompt") if (value := getattr(wishes, name)) is not None}
    faults = [fault for name, value in given.items() if (fault := _fault(chosen, name, value))]
    if faults:
        faults[0].others = tuple(faults[1:])
        raise faults[0]
    return given


def _fault(chosen: Chosen, name: str, value: object) -> InvalidParameterError | None:
    part = part_of(chosen.template, {"negative_prompt": "negative"}.get(name, name))
    if part is None:
        return InvalidParameterError(name, value, f"left out: {chosen.template.name} has no {name}")
    return part.fault(value)


class _Window(NamedTuple):
    """What a number may be."""

    low: float
    high: float
    is_whole: bool

    def met_by(self, wanted: Range) -> _Window | None:
        """Return what is left of it within a range; None if nothing is."""
        low, high = max(self.low, wanted.minimum), min(self.high, wanted.maximum)
        if self.is_whole:
            low, high = _ceil(low), _floor(high)
        return self._replace(low=low, high=high) if low <= high else None

    def nearest(self, value: float) -> float:
        """Return the number in it that is nearest."""
        inside = min(max(value, self.low), self.high)
        return round(inside) if self.is_whole else round(inside, 4)


@dataclass(frozen=True, slots=True)
class _Settling:
    categories: Sequence[Category]
    chosen: Chosen
    account: Account
    wished: Mapping[str, Any]
    before: Mapping[str, Any]

    def number(self, name: str) -> Any:
        """Return a number that is in everybody's range, but for those that had to be given up."""
        part = part_of(self.chosen.template, name)
        if part is None or not is_literal(part.default, (int, float)):
            return self.wished.get(name)
        wants = [(one, wanted) for one in self.categories if (wanted := getattr(one.settings, name)) is not None]
        if name in self.wished:
            return self._overruled(name, wants)
        window, default = self._window(name, part, wants)
        source, value = ("recipe", self.before[name]) if name in self.before else default
        inside = window.nearest(value)
        moved = (
            f": {value:g} is outside of {window.low:g} to {window.high:g}, which all allow" if inside != value else ""
        )
        self.account.step("settings", name, f"{name} {inside:g}{moved}", source)
        return inside

    def name(self, name: str) -> str | None:
        """Return the sampler or scheduler that is wanted most."""
        part = part_of(self.chosen.template, name)
        if part is None:
            return None
        source, value = self._wanted_name(name, part)
        if isinstance(value, str):
            self.account.step("settings", name, f"{name} {value}", source)
        return value if isinstance(value, str) else None

    def _window(
        self, name: str, part: Parameter, wants: Iterable[tuple[Category, Range]]
    ) -> tuple[_Window, tuple[str, float]]:
        """Return what the number may be, and the best of it: what the first whose range counts says."""
        window = self._bounds(name, part)
        template = self.chosen.template.name
        defaults = list[tuple[str, float]]()
        for category, wanted in wants:
            if name == "cfg" and self.chosen.family not in CLASSIC:
                self.account.reject(name, "setting", f"{template} is guided in a way of its own", category.id)
            elif (narrower := window.met_by(wanted)) is None:
                kept = defaults[-1][0] if defaults else template
                met = f"{kept} allows {_amount(name, _span(window.low, window.high))}"
                self._give_up(name, wanted, category, kept, met)
            else:
                window = narrower
                defaults.append((category.id, wanted.default))
        return window, defaults[0] if defaults else (template, part.default)

    def _bounds(self, name: str, part: Parameter) -> _Window:
        """Return what the workflow takes; the steps of a distilled or newer model are those of its presets."""
        low = -math.inf if part.minimum is None else part.minimum
        high = math.inf if part.maximum is None else part.maximum
        if name == "steps" and self.chosen.family not in CLASSIC:
            steps = [one["steps"] for one in self.chosen.template.presets.values() if "steps" in one]
            low, high = min(steps, default=low), max(steps, default=high)
        return _Window(low, high, is_whole=part.type == "integer")

    def _overruled(self, name: str, wants: Iterable[tuple[Category, Range]]) -> Any:
        value = self.wished[name]
        self.account.step("settings", name, f"{name} {value:g}, as asked for", "you")
        for category, wanted in wants:
            if not wanted.minimum <= value <= wanted.maximum:
                self._give_up(name, wanted, category, "you", f"your {_amount(name, f'{value:g}')}")
        return value

    def _give_up(self, name: str, wanted: Range, category: Category, kept: str, met: str) -> None:
        reason = f"{met}; {category.id} wants {_span(wanted.minimum, wanted.maximum)}"
        self.account.conflict(kept=kept, dropped=category.id, about=name, reason=reason)
        self.account.reject(name, "setting", reason, category.id)

    def _wanted_name(self, name: str, part: Parameter) -> tuple[str, Any]:
        """Return who is listened to, and the name that they want; the others are noted."""
        said = [("you", self.wished.get(name)), ("recipe", self.before.get(name))]
        said += [(one.id, getattr(one.settings, name)) for one in self.categories]
        first: tuple[str, Any] | None = None
        for source, value in said:
            if value is None or (first is not None and value == first[1]):
                continue
            if reason := f"{first[1]} goes first" if first else self._unfit(name, part, source, value):
                self.account.reject(f"{name} {value}", "setting", reason, source)
            else:
                first = source, value
        return first or (self.chosen.template.name, part.default)

    def _unfit(self, name: str, part: Parameter, source: str, value: str) -> str:
        """Return why a sampler or scheduler is not for this workflow; empty if it is."""
        if source not in ("you", "recipe") and self.chosen.family not in CLASSIC:
            return f"{self.chosen.template.name} is sampled in a way of its own"
        return f"{self.chosen.template.name} has no such {name}" if part.fault(value) else ""


def _amount(name: str, said: str) -> str:
    return f"{said} steps" if name == "steps" else f"{name} of {said}"


def _span(low: float, high: float) -> str:
    """Return a range in words."""
    if low == high:
        return f"{low:g}"
    if math.isinf(low) or math.isinf(high):
        return f"at most {high:g}" if math.isinf(low) else f"at least {low:g}"
    return f"{low:g} to {high:g}"


def _ceil(value: float) -> float:
    return math.ceil(value) if math.isfinite(value) else value


def _floor(value: float) -> float:
    return math.floor(value) if math.isfinite(value) else value
