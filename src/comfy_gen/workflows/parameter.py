"""One named, typed input of a template. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self, cast

from comfy_gen.errors import InvalidParameterError, TemplateCardError, listing
from comfy_gen.workflows.nearest import nearest_names
from comfy_gen.workflows.slots import Slot, is_literal

ParameterType = Literal["string", "integer", "number", "boolean", "image", "any"]

_KINDS: dict[ParameterType, tuple[type, ...]] = {
    "string": (str,),
    "image": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "any": (object, bool),
}
_WORDS: dict[ParameterType, str] = {
    "string": "text",
    "image": "the name of a picture in the engine's input folder",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "any": "a value",
}
_OPTIONAL = ("title", "description", "role", "default", "minimum", "maximum", "multiple_of", "required")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A value that a template can be given, what it must be, and where it goes: to a role, or to given places."""

    name: str
    type: ParameterType = "any"
    title: str = ""
    """What people call it; made of the name, where it is empty."""
    description: str = ""
    role: str | None = None
    """A field of `roles.Roles`."""
    slots: tuple[Slot, ...] = ()
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    multiple_of: int | None = None
    choices: tuple[Any, ...] = ()
    required: bool = False

    @classmethod
    def from_card(cls, card: Mapping[str, Any]) -> Self:
        """Read a parameter from JSON; ``{"name", "node_id", "input_name"}`` alone is enough.

        Raises:
            TemplateCardError: something is missing, or is not of the shape that it must have.
        """
        name = said(card, "name", "a parameter's card")
        source = f"the card of parameter {name!r}"
        kind = card.get("type", "any")
        if kind not in [*_KINDS]:  # a list: whatever stands there can be compared, but perhaps not hashed
            raise TemplateCardError(source, f"its type is {kind!r}, not one of {listing([*_KINDS], limit=9)}")
        own = (slot_from(card, source),) if "node_id" in card else ()
        return cls(
            name=name,
            type=kind,
            slots=(*(slot_from(place, source) for place in listed(card, "slots", source)), *own),
            choices=listed(card, "choices", source),
            **{name: card[name] for name in _OPTIONAL if name in card},
        )

    def as_card(self) -> dict[str, Any]:
        """Return the parameter as JSON, without what it does not say."""
        said = {name: value for name in _OPTIONAL if _says(name, value := getattr(self, name))}
        lists: dict[str, Any] = {
            "slots": [{"node_id": slot.node_id, "input_name": slot.input_name} for slot in self.slots],
            "choices": list(self.choices),
        }
        return {"name": self.name, "type": self.type, **said, **{name: items for name, items in lists.items() if items}}

    def fault(self, value: Any) -> InvalidParameterError | None:
        """Return what is wrong with a value; None is the value that is not given."""
        fits = is_literal(value, _KINDS[self.type]) and self._is_allowed(value)
        if (not self.required) if value is None else fits:
            return None
        return InvalidParameterError(self.name, value, self.expected, self._advice(value))

    @property
    def heading(self) -> str:
        """What people call it."""
        return self.title or self.name.replace("_", " ").capitalize()

    @property
    def expected(self) -> str:
        """What a value must be, in words."""
        if self.choices:
            return f"one of {', '.join(map(str, self.choices))}"
        words = f"a multiple of {self.multiple_of}" if self.multiple_of else _WORDS[self.type]
        if self.minimum is not None and self.maximum is not None:
            return f"{words} from {self.minimum} to {self.maximum}"
        if self.minimum is not None:
            return f"{words} of at least {self.minimum}"
        return words if self.maximum is None else f"{words} of at most {self.maximum}"

    def _is_allowed(self, value: Any) -> bool:
        if self.choices and value not in self.choices:
            return False
        if isinstance(value, str):
            return bool(value) or self.type != "image"
        # Said so that NaN, which is neither below nor above, is not allowed.
        low = self.minimum is None or value >= self.minimum
        high = self.maximum is None or value <= self.maximum
        return low and high and not (self.multiple_of and value % self.multiple_of)

    def _advice(self, value: Any) -> str:
        if self.multiple_of and is_literal(value, (int,)):
            return f"the nearest {self.name} that works is {self._nearest_multiple(value)}."
        if self.choices and isinstance(value, str):
            return f"nearest: {', '.join(nearest_names(value, map(str, self.choices), 3))}."
        return ""

    def _nearest_multiple(self, value: int) -> int:
        step = self.multiple_of or 1
        low, high = self.minimum or step, self.maximum or max(value, step)
        return round(min(max(value, low), high) / step) * step


def check_values(parameters: Sequence[Parameter], values: Mapping[str, Any], *, owner: str) -> None:
    """Do nothing, if these values may be given to what has these parameters; None is no value.

    Raises:
        InvalidParameterError: values are wrong, unknown or missing; it names all of them.
    """
    if errors := faults_of(parameters, values, owner=owner):
        errors[0].others = tuple(errors[1:])
        raise errors[0]


def faults_of(parameters: Sequence[Parameter], values: Mapping[str, Any], *, owner: str) -> list[InvalidParameterError]:
    """Return what is wrong with values for these parameters: those that are unknown first. None is no value."""
    known = [parameter.name for parameter in parameters]
    unknown = [_unknown(name, values[name], known, owner) for name in values if name not in known]
    faults = (parameter.fault(values.get(parameter.name)) for parameter in parameters)
    return [*unknown, *filter(None, faults)]


def _unknown(name: str, value: object, known: Sequence[str], owner: str) -> InvalidParameterError:
    nearest = ", ".join(nearest_names(name, known, 3))
    return InvalidParameterError(name, value, f"left out: {owner} has no {name}", f"nearest: {nearest}.")


def _says(field: str, value: object) -> bool:
    """Tell whether a card needs to say it; as a default, an empty text or false says something too."""
    return value is not None and (field == "default" or (value != "" and value is not False))


def said(card: object, field: str, source: str) -> Any:
    """Return a field that a card must have; ``source`` names the card in errors.

    Raises:
        TemplateCardError: the field is missing, or the card is no JSON object.
    """
    if not isinstance(card, Mapping):
        raise TemplateCardError(source, f"{card!r} stands where an object must be")
    fields = cast("Mapping[str, Any]", card)
    if field not in fields:
        raise TemplateCardError(source, f"it has no {field}")
    return fields[field]


def listed(card: Mapping[str, Any], field: str, source: str) -> tuple[Any, ...]:
    """Return a list that a card may have.

    Raises:
        TemplateCardError: something else stands there.
    """
    items: object = card.get(field, ())
    if not isinstance(items, (list, tuple)):
        raise TemplateCardError(source, f"its {field} is {items!r}, not a list")
    return tuple(cast("list[Any]", items))


def slot_from(place: object, source: str) -> Slot:
    """Read a place from a card's JSON, ``{"node_id", "input_name"}``.

    Raises:
        TemplateCardError: something is missing.
    """
    return Slot(said(place, "node_id", source), said(place, "input_name", source))
