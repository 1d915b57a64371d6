"""Unfolds subgraphs: each node that stands for one gets the definition's graph, with the values that it sets itself.

Files have these values in one of two ways. Newer editors keep them at the node that stands for the subgraph, one for
each of its inputs that leads to a widget. Older ones keep them in the widgets inside, and list which to show.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import NotUiWorkflowError
from comfy_gen.workflows.convert.document import Document, Graph, Mode, Port, UiNode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comfy_gen.workflows.convert.document import Socket
    from comfy_gen.workflows.convert.values import Values

_MOST_NODES = 100_000
"""More than anyone draws, and few enough to hold: subgraphs in subgraphs multiply."""
_OWN = "-1"
"""What stands for the node itself in its list of widgets to show."""


@dataclass(slots=True, eq=False)
class Scope:
    """One graph where it is used: the whole workflow's, or a subgraph's at one node."""

    graph: Graph
    prefix: str = ""
    """What the ids of its nodes begin with in the API format: ``57:``."""
    parent: Scope | None = None
    host: UiNode | None = None
    """The node of the parent that stands for this graph."""
    children: dict[str, Scope] = field(default_factory=dict["str", "Scope"])
    overrides: dict[tuple[str, str], Any] = field(default_factory=dict[tuple[str, str], Any])
    """Values that were set from outside, by node and widget."""

    def walk(self) -> Iterator[tuple[Scope, UiNode]]:
        """Yield all nodes that stand for themselves, those of subgraphs after those around them."""
        for node in self.graph.nodes.values():
            if node.id not in self.children:
                yield self, node
        for child in self.children.values():
            yield from child.walk()

    def ancestors(self) -> Iterator[Scope]:
        """Yield this and all that it is in, from the inside out."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent


def unfold(document: Document, source: str) -> Scope:
    """Return the workflow with a graph for each active node that stands for a subgraph.

    Raises:
        NotUiWorkflowError: a subgraph contains itself, or they multiply beyond all measure.
    """
    root = Scope(document.root)
    todo, count = [root], 0
    while todo:
        scope = todo.pop()
        count += len(scope.graph.nodes)
        if count > _MOST_NODES:
            raise NotUiWorkflowError(source, f"its subgraphs unfold to more than {_MOST_NODES} nodes")
        for node in scope.graph.nodes.values():
            graph = document.definitions.get(node.type)
            if graph is None or node.mode is not Mode.ALWAYS:
                continue
            if any(outer.graph is graph for outer in scope.ancestors()):
                raise NotUiWorkflowError(source, f"the subgraph {graph.name or node.type!r} contains itself")
            child = _place(scope, node, graph)
            scope.children[node.id] = child
            todo.append(child)
    return root


def _place(scope: Scope, node: UiNode, graph: Graph) -> Scope:
    child = Scope(graph, f"{scope.prefix}{node.id}:", scope, node)
    for (inner, widget), value in _shown_values(node):
        if inner == _OWN:
            scope.overrides.setdefault((node.id, widget), value)
        else:
            child.overrides[inner, widget] = value
    for name, value in _own_values(node, graph).items():
        scope.overrides.setdefault((node.id, name), value)
    return child


def _shown_values(node: UiNode) -> Iterator[tuple[tuple[str, str], Any]]:
    """Yield the values of the listed widgets inside, if the node has one for each."""
    shown = node.properties.items("proxyWidgets")
    if node.named is not None or len(shown) != len(node.values):
        return
    for entry, value in zip(shown, node.values, strict=True):
        match entry:
            case [str() | int() as inner, str(widget), *_] if value is not None:
                yield (str(inner), widget), value
            case _:
                pass


def _own_values(node: UiNode, graph: Graph) -> dict[str, Any]:
    """Return the values that the node holds for those inputs that lead to a widget inside."""
    if node.named is not None:
        return {name: value for name, value in node.named.items() if value is not None}
    ports = [port for port in graph.inputs if next(_widgets(graph, port), None)]
    if node.properties.items("proxyWidgets") or len(ports) != len(node.values):
        return {}
    return {port.name: value for port, value in zip(ports, node.values, strict=True) if value is not None}


def _widgets(graph: Graph, port: Port) -> Iterator[tuple[UiNode, str]]:
    """Yield the widgets inside that an input leads to."""
    for link in port.links:
        if link in graph.targets:
            node_id, socket = graph.targets[link]
            if socket.widget:
                yield graph.nodes[node_id], socket.widget


def value_of(scope: Scope, node: UiNode, widget: str, values: Values) -> Any:
    """Return what a widget holds, also one that stands for a widget inside a subgraph; None when nothing."""
    while True:
        if (node.id, widget) in scope.overrides:
            return scope.overrides[node.id, widget]
        child = scope.children.get(node.id)
        if child is None:
            reading = values.of(node)
            return reading.values.get(widget) if reading else None
        port = next((port for port in child.graph.inputs if port.name == widget), None)
        inside = next(_widgets(child.graph, port), None) if port else None
        if inside is None:
            return None
        scope, (node, widget) = child, inside


def outer_socket(scope: Scope, slot: int) -> tuple[Port, Socket | None] | None:
    """Return a subgraph's input by its number, and the socket of the node that stands for the subgraph."""
    if scope.host is None or not 0 <= slot < len(scope.graph.inputs):
        return None
    port = scope.graph.inputs[slot]
    # By name: newer editors leave sockets out that nothing is connected to.
    return port, scope.host.socket(port.name)
