"""Which widgets the editor gives a node, in which order, from what the engine declares of its class. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_BROWSER_TYPES = frozenset({"WEBCAM", "AUDIO_RECORD", "LOAD_3D", "LOAD_3D_ANIMATION"})
_EMPTY: dict[str, Any] = {"INT": 0, "FLOAT": 0.0, "STRING": "", "BOOLEAN": False, "TEXTAREA": "", "MARKDOWN": ""}
"""The value of a new widget of these types, where nothing else is declared."""
_DYNAMIC_COMBO = "COMFY_DYNAMICCOMBO_V3"
"""A choice that decides which inputs follow it; they are named ``choice.input``."""
_AUTOGROW = "COMFY_AUTOGROW_V3"
"""As many inputs of one kind as a node happens to have; they are named ``input.name``."""
_WIDGET_TYPES = frozenset(
    {
        *(*_EMPTY, *_BROWSER_TYPES, "COMBO", _DYNAMIC_COMBO),
        *("COLOR", "COLORS", "BOUNDING_BOX", "BOUNDING_BOXES", "CURVE", "RANGE", "PAINTER", "IMAGECOMPARE"),
        *("MULTISELECT", "TREESELECT", "SELECTBUTTON", "FILEUPLOAD", "GALLERIA", "CHART", "IMAGECROP"),
    }
)
"""The types that the editor has a widget for; all others are sockets."""


class Widget(NamedTuple):
    """One widget that holds an input's value."""

    name: str
    type: Any
    """A type's name, or the list of the values it may have."""
    options: Mapping[str, Any]

    @property
    def choices(self) -> list[Any] | None:
        """The values it may have, where it is a choice and the engine lists them."""
        listed: object = self.type if isinstance(cast("object", self.type), list) else self.options.get("options")
        return cast("list[Any]", listed) if isinstance(listed, list) else None

    @property
    def is_controlled(self) -> bool:
        """Tell whether a widget follows that says how the value changes after each run."""
        declared = self.options.get("control_after_generate")
        if declared is None:
            return self.type == "INT" and self.name.rpartition(".")[2] in ("seed", "noise_seed")
        return bool(declared)

    @property
    def is_made_in_browser(self) -> bool:
        """Tell whether a browser makes its value as the workflow is queued; what is saved is not it."""
        return not isinstance(self.type, list) and self.type in _BROWSER_TYPES

    @property
    def initial(self) -> Any:
        """The value of a new widget; None where there is none to know."""
        if "default" in self.options:
            return self.options["default"]
        if self.choices and not self.options.get("multiselect"):
            first = self.choices[0]
            return cast("dict[str, Any]", first).get("key") if isinstance(first, dict) else first
        return None if isinstance(self.type, list) else _EMPTY.get(self.type)

    def following(self, value: object, grown: Iterable[str] = ()) -> Iterator[Widget]:
        """Yield the widgets that a choice brings with it."""
        if self.type != _DYNAMIC_COMBO:
            return
        for choice in self.choices or ():
            if choice.get("key") == value:
                yield from declared_widgets({"input": choice.get("inputs")}, grown, f"{self.name}.")


def declared_widgets(declaration: Mapping[str, Any], grown: Iterable[str] = (), prefix: str = "") -> Iterator[Widget]:
    """Yield the widgets of a class's new node, and with ``forceInput`` those that are now mere sockets.

    ``grown`` are names of widgets that a node has of its own, where the class lets it have any number.
    """
    for short, spec in _declared_inputs(declaration):
        name = prefix + short
        options: dict[str, Any] = spec[1] if len(spec) > 1 else {}
        kind: Any = spec[0] if isinstance(spec[0], list) else options.get("widgetType", spec[0])
        if isinstance(kind, list) or kind in _WIDGET_TYPES:
            yield Widget(name, kind, options)
        elif kind == _AUTOGROW:
            yield from _grown_widgets(name, options, grown)


def _grown_widgets(name: str, options: Mapping[str, Any], grown: Iterable[str]) -> Iterator[Widget]:
    template = next(declared_widgets(options.get("template") or {}), None)
    if template:
        yield from (template._replace(name=each) for each in grown if each.startswith(f"{name}."))


def _declared_inputs(declaration: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield a class's inputs in the order of the editor: as ``input_order`` says, and then those that it forgets."""
    groups: dict[str, dict[str, Any]] = declaration.get("input") or {}
    orders: dict[str, list[str]] = declaration.get("input_order") or {}
    for group in ("required", "optional"):
        inputs = groups.get(group) or {}
        order = [name for name in orders.get(group) or () if name in inputs]
        for name in dict.fromkeys((*order, *inputs)):
            yield name, inputs[name]
