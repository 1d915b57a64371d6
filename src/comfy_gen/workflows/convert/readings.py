"""Brings a node's saved values and the widgets of its class together. Pure.

A workflow file lists the values of a node's widgets in their order, often without names, and in between those of
widgets that the editor has added for itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from comfy_gen.workflows.convert.widgets import Widget, declared_widgets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

CONTROLS = frozenset({"fixed", "increment", "increment-wrap", "decrement", "randomize"})
"""What the widget says that the editor adds below a seed."""
UNSENT = frozenset(
    {
        *("control_after_generate", "control_filter_list", "upload", "audioUI"),
        *("$$canvas-image-preview", "videopreview", *CONTROLS),
    }
)
"""Names of widgets that the editor adds for itself, and no class knows. Some go by what they say."""
FURNITURE = ("", None, "image", "video", "audio")
"""What such widgets hold that stand below all others."""


class Reading(NamedTuple):
    """The values of a node's inputs as its widgets have them."""

    values: dict[str, Any]
    widgets: dict[str, Widget]
    unused: tuple[str, ...] = ()
    """Saved values for which the class has no widget, as a person would write them."""


def read_named(declaration: Mapping[str, Any], named: Mapping[str, Any]) -> Reading:
    """Return the values of a node whose file has them by name. A widget without one is as in a new node."""
    reading = Reading({}, {})
    _fill(reading, _shown(declared_widgets(declaration, named)), lambda widget: named.get(widget.name, widget.initial))
    return reading._replace(unused=tuple(_unused(named, reading.widgets)))


def read_listed(declaration: Mapping[str, Any], saved: Sequence[Any], grown: Sequence[str] = ()) -> Reading:
    """Return the values of a node whose file has them in the order of its widgets.

    ``grown`` are names of widgets that the node has of its own. A widget without a value is as in a new node.
    """
    widgets = list(declared_widgets(declaration, grown))
    reading = Reading({}, {})
    shelf = _Shelf(_without_forced(widgets, saved))
    _fill(reading, _shown(widgets), shelf.take)
    return reading._replace(unused=tuple(repr(value) for value in shelf.rest() if not _is_furniture(value)))


def _shown(widgets: Iterator[Widget] | list[Widget]) -> Iterator[Widget]:
    return (widget for widget in widgets if not widget.options.get("forceInput"))


def _fill(reading: Reading, widgets: Iterator[Widget], take: Callable[[Widget], Any]) -> None:
    for widget in widgets:
        value = take(widget)
        reading.widgets[widget.name] = widget
        if value is not None:
            reading.values[widget.name] = value
        _fill(reading, _shown(widget.following(value)), take)


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
        if widget.is_controlled and self._is_next(lambda following: following is None or _is_control(following)):
            self._at += 1
            if widget.choices is not None and self._is_next(lambda following: following == ""):
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


def _is_furniture(value: object) -> bool:
    return value in FURNITURE or _is_control(value)


def _unused(named: Mapping[str, Any], widgets: Mapping[str, Widget]) -> Iterator[str]:
    for name, value in named.items():
        if name not in widgets and name not in UNSENT and not _is_furniture(value):
            yield f"{name} = {value!r}"


def _without_forced(widgets: list[Widget], saved: Sequence[Any]) -> list[Any]:
    """Return the saved values without those of inputs that became mere sockets after the file was written.

    The editor knows such files by their number of values, and so do we.
    """
    kept: list[bool] = []
    for widget in widgets:
        kept.extend([not widget.options.get("forceInput")] * (2 if widget.is_controlled else 1))
    if all(kept) or len(kept) != len(saved):
        return list(saved)
    return [value for value, is_kept in zip(saved, kept, strict=True) if is_kept]
