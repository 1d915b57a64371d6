"""Puts the nodes of the API format together, one by one. Pure."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, assert_never, cast

from comfy_gen.errors import listing
from comfy_gen.workflows.convert.finding import Finding, Kind
from comfy_gen.workflows.convert.readings import UNSENT, Reading
from comfy_gen.workflows.convert.routing import Feed, Held, Loose, Muted, trace
from comfy_gen.workflows.convert.subgraphs import value_of
from comfy_gen.workflows.convert.texts import fill_in, has_date, settle
from comfy_gen.workflows.convert.values import Values
from comfy_gen.workflows.graph import is_link

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from comfy_gen.workflows.convert.document import Socket, UiNode
    from comfy_gen.workflows.convert.routing import End
    from comfy_gen.workflows.convert.subgraphs import Scope
    from comfy_gen.workflows.graph import Workflow

_FILE_NAME = "filename_prefix"


class Assembly:
    """A graph in the making, for an engine with certain node classes."""

    def __init__(self, object_info: Mapping[str, Any]) -> None:
        self.workflow: Workflow = {}
        self._object_info = object_info
        self._values = Values(object_info)

    def add(self, scope: Scope, node: UiNode) -> list[Finding]:
        """Add a node with its inputs, and return what there is to say of it."""
        draft = _Draft(scope, node, self._values)
        draft.fill_from_widgets()
        draft.fill_from_sockets()
        title = node.title or self._display_name(node.type) or node.type
        self.workflow[scope.prefix + node.id] = {
            "inputs": draft.inputs,
            "class_type": node.type,
            "_meta": {"title": title},
        }
        return draft.findings

    def _display_name(self, class_type: str) -> str:
        declaration: object = self._object_info.get(class_type)
        return cast("dict[str, Any]", declaration).get("display_name", "") if isinstance(declaration, dict) else ""


class _Draft:
    """The inputs of one node."""

    def __init__(self, scope: Scope, node: UiNode, values: Values) -> None:
        self.inputs: dict[str, Any] = {}
        self.findings: list[Finding] = []
        self._scope = scope
        self._node = node
        self._values = values
        self._reading = values.of(node) or Reading({}, {})
        self._widgets = self._reading.widgets

    def fill_from_widgets(self) -> None:
        """Take the values of the node's own widgets, or what was set in their place around its subgraph."""
        if self._values.of(self._node) is None:
            claim = "neither the file nor the engine says which inputs its values are for; they are left out"
            self._tell(Kind.UNNAMED_VALUES, claim)
        if unused := self._reading.unused:
            self._tell(Kind.UNUSED_VALUES, f"the engine's class has no input for some of its values: {listing(unused)}")
        for name in dict.fromkeys((*self._reading.values, *self._names_from_outside())):
            self._put(name, value_of(self._scope, self._node, name, self._values))

    def _names_from_outside(self) -> Iterator[str]:
        """Yield the widgets whose values were set around the node's subgraph."""
        for node_id, name in self._scope.overrides:
            # Of a class that the engine lacks no widgets are known, and so any name is good that is not the editor's.
            if node_id == self._node.id and (name in self._widgets if self._widgets else name not in UNSENT):
                yield name

    def fill_from_sockets(self) -> None:
        """Take what links bring; it goes before the values of widgets."""
        for socket in self._node.inputs:
            self._connect(socket, trace(self._scope, socket, self._values))
        for name, widget in self._widgets.items():
            if widget.is_made_in_browser and name in self.inputs and not is_link(self.inputs[name]):
                self._tell(Kind.MADE_IN_BROWSER, f"{name} is made by a browser as it queues the workflow", name)

    def _connect(self, socket: Socket, end: End) -> None:
        match end:
            case Feed():
                self.inputs[socket.name] = [end.node_id, end.slot]
            case Held():
                self.inputs[socket.name] = _plain(end.value)
            case Muted():
                self.inputs.pop(socket.name, None)
                claim = f"{socket.name} gets nothing: node {end.node.id} ({end.node.type}) is muted"
                self._tell(Kind.INACTIVE_SOURCE, claim, socket.name)
            case Loose():
                if end.fault:
                    kind = Kind.BROKEN_LINK if end.missing_setter is None else Kind.MISSING_SETTER
                    self._tell(kind, f"{socket.name} is not connected: {end.fault}", socket.name)
            case _:  # pragma: no cover  # the types say that there is nothing else
                assert_never(end)

    def _put(self, name: str, value: Any) -> None:
        if isinstance(value, str):
            value = self._finish(name, value)
        self.inputs[name] = _plain(value)

    def _finish(self, name: str, text: str) -> str:
        """Return a text as the editor sends it."""
        widget = self._widgets.get(name)
        if widget and widget.options.get("dynamicPrompts"):
            settled = settle(text)
            if settled.is_random:
                claim = f"{name} has alternatives {{a|b}}: the editor takes one by chance, here it is the first"
                self._tell(Kind.RANDOM_TEXT, claim, name)
            return settled.text
        if name.rpartition(".")[2] != _FILE_NAME:
            return text
        filled = fill_in(text, self._widget_value)
        if has_date(filled):
            self._tell(Kind.FIXED_DATE, f"{name} has a date in a form that the engine does not write: {filled}", name)
        return filled

    def _widget_value(self, wanted: str, widget: str) -> object:
        """Return what a widget of a node in the same graph holds; the node goes by its name for this, or its title."""
        for node in self._scope.graph.nodes.values():
            if wanted in (node.properties.text("Node name for S&R"), node.title):
                return value_of(self._scope, node, widget, self._values)
        return None

    def _tell(self, kind: Kind, claim: str, input_name: str | None = None) -> None:
        node_id = self._scope.prefix + self._node.id
        self.findings.append(Finding(kind, claim, node_id, self._node.type, input_name))


def _plain(value: Any) -> Any:
    """Return a copy of a value, in the form that a list needs so as not to be taken for a link."""
    copied = copy.deepcopy(value)
    return {"__value__": cast("list[Any]", copied)} if isinstance(copied, list) else copied
