"""Which widgets the editor gives a node, in which order, from what the engine declares of its class. Pure.

A workflow file lists the values of a node's widgets without their names, in this order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

CONTROLS = frozenset({"fixed", "increment", "increment-wrap", "decrement", "randomize"})
"""What the widget says that the editor adds below a seed."""
UNSENT = frozenset(
    {
        *("control_after_generate", "control_filter_list", "upload", "audioUI"),
        *("$$canvas-image-preview", "videopreview", *CONTROLS),
    }
)
"""Widgets that the editor adds for itself; a node class does not know them. Some go by what they say."""
FURNITURE = ("", None, "image", "video", "audio")
"""What such widgets hold that stand below all others."""
_BROWSER_TYPES = frozenset({"WEBCAM", "AUDIO_RECORD", "LOAD_3D", "LOAD_3D_ANIMATION"})

_EMPTY: dict[str, Any] = {"INT": 0, "FLOAT": 0.0, "STRING": "", "BOOLEAN": False, "TEXTAREA": "", "MARKDOWN": ""}
"""The types that the editor has a widget for, with the value of a new one."""
_DYNAMIC_COMBO = "COMFY_DYNAMICCOMBO_V3"
"""A choice that decides which inputs follow it; they are named ``choice.input``."""
_WIDGET_TYPES = frozenset(
    {
        *_EMPTY,
        *_BROWSER_TYPES,
        *(
            "COMBO",
            _DYNAMIC_COMBO,
            "COLOR",
            "COLORS",
            "BOUNDING_BOX",
            "BOUNDING_BOXES",
            "CURVE",
            "RANGE",
            "PAINTER",
            "IMAGECOMPARE",
        ),
        *("MULTISELECT", "TREESELECT", "SELECTBUTTON", "FILEUPLOAD", "GALLERIA", "CHART", "IMAGECROP"),
    }
)


class Widget(NamedTuple):
    """One widget that holds an input's value."""

    name: str
    type: Any
    """A type's name, or the list of the values it may have."""
    options: Mapping[str, Any]

    @property
    def choices(self) -> list[Any] | None:
        """The values it may have, where it is a choice and the engine lists them."""
        if isinstance(self.type, list):
            return cast("list[Any]", self.type)
        listed = self.options.get("options")
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


class Reading(NamedTuple):
    """The values of a node's inputs as its widgets have them."""

    values: dict[str, Any]
    widgets: dict[str, Widget]
    unused: tuple[str, ...] = ()
    """Saved values for which the class has no widget, as a person would write them."""


def read_values(declaration: Mapping[str, Any], saved: tuple[Any, ...], named: Mapping[str, Any] | None) -> Reading:
    """Return the values of a node's inputs, and the widgets they stand in.

    ``saved`` are the values in the order of the widgets. ``named`` are the same by name and go before them: the order
    may have changed since the file was written. Where both lack one, the widget is as in a new node.
    """
    widgets = list(_declared_widgets(declaration))
    reading = Reading({}, {})
    if named is not None:
        _fill(reading, widgets, lambda widget: named.get(widget.name, widget.initial))
        return reading._replace(unused=tuple(_unused(named, reading.widgets)))
    shelf = _Shelf(_without_forced(declaration, widgets, saved))
    _fill(reading, widgets, shelf.take)
    return reading._replace(unused=tuple(repr(value) for value in shelf.rest() if not _is_furniture(value)))


def _unused(named: Mapping[str, Any], widgets: Mapping[str, Widget]) -> Iterator[str]:
    for name, value in named.items():
        if name not in widgets and name not in UNSENT and not _is_furniture(value):
            yield f"{name} = {value!r}"


def _is_furniture(value: object) -> bool:
    return value in FURNITURE or _is_control(value)


def _fill(reading: Reading, widgets: list[Widget], take: Callable[[Widget], Any]) -> None:
    for widget in widgets:
        value = take(widget)
        reading.widgets[widget.name] = widget
        if value is not None:
            reading.values[widget.name] = value
        _fill(reading, _following(widget, value), take)


class _Shelf:
    """Saved values, taken one by one."""

    def __init__(self, values: list[Any]) -> None:
        self._values = values
        self._at = 0

    def take(self, widget: Widget) -> Any:
        """Return the next value, and pass over those of widgets that the editor has added."""
        if self._at >= len(self._values):
            return widget.initial
        value = self._values[self._at]
        self._at += 1
        if widget.is_controlled and self._is_next(lambda next_: next_ is None or _is_control(next_)):
            self._at += 1
            if widget.choices is not None and self._is_next(lambda next_: next_ == ""):
                self._at += 1  # a choice also has a text by which its values are filtered
        return value

    def rest(self) -> list[Any]:
        """Return the values that nobody took."""
        return self._values[self._at :]

    def _is_next(self, claim: Callable[[Any], bool]) -> bool:
        return self._at < len(self._values) and claim(self._values[self._at])


def _is_control(value: object) -> bool:
    # The first editors wrote true for "randomize".
    return isinstance(value, bool) or (isinstance(value, str) and value in CONTROLS)


def _declared_widgets(declaration: Mapping[str, Any], prefix: str = "") -> Iterator[Widget]:
    for name, spec in declared_inputs(declaration):
        widget = _widget(prefix + name, spec)
        if widget is not None and not widget.options.get("forceInput"):
            yield widget


def declared_inputs(declaration: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield a class's inputs in the order of the editor: as ``input_order`` says, and then those that it forgets."""
    groups: dict[str, dict[str, Any]] = declaration.get("input") or {}
    orders: dict[str, list[str]] = declaration.get("input_order") or {}
    for group in ("required", "optional"):
        inputs = groups.get(group) or {}
        order = [name for name in orders.get(group) or () if name in inputs]
        for name in dict.fromkeys((*order, *inputs)):
            yield name, inputs[name]


def _widget(name: str, spec: Any) -> Widget | None:
    options: dict[str, Any] = spec[1] if len(spec) > 1 else {}
    kind: object = spec[0] if isinstance(spec[0], list) else options.get("widgetType", spec[0])
    is_widget = isinstance(kind, list) or kind in _WIDGET_TYPES
    return Widget(name, cast("Any", kind), options) if is_widget else None


def _following(widget: Widget, value: object) -> list[Widget]:
    """Return the widgets that a choice brings with it."""
    if widget.type != _DYNAMIC_COMBO:
        return []
    for choice in widget.choices or ():
        if choice.get("key") == value:
            return list(_declared_widgets({"input": choice.get("inputs") or {}}, f"{widget.name}."))
    return []


def _without_forced(declaration: Mapping[str, Any], widgets: list[Widget], saved: tuple[Any, ...]) -> list[Any]:
    """Return the saved values without those of inputs that became mere sockets after the file was written.

    The editor knows such files by their number of values, and so do we.
    """
    has_widget = {widget.name for widget in widgets}
    kept: list[bool] = []
    for name, spec in declared_inputs(declaration):
        widget = _widget(name, spec)
        if widget is not None:
            kept.extend([name in has_widget, *([name in has_widget] if widget.is_controlled else [])])
    if all(kept) or len(kept) != len(saved):
        return list(saved)
    return [value for value, is_kept in zip(saved, kept, strict=True) if is_kept]
