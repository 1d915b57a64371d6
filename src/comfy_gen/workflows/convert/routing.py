"""Follows an input's link back to the node that computes what it gets, through all that only the editor knows. Pure.

On the way are reroutes, primitive nodes, pairs of Set and Get nodes, bypassed nodes and the borders of subgraphs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from comfy_gen.workflows.convert.document import Edge, Mode, Socket, UiNode
from comfy_gen.workflows.convert.subgraphs import Scope, outer_socket, value_of
from comfy_gen.workflows.convert.values import PRIMITIVE, Values

if TYPE_CHECKING:
    from collections.abc import Iterator

REROUTES = frozenset({"Reroute", "Reroute (rgthree)"})
SETTERS = frozenset({"SetNode", "easy setNode"})
GETTERS = frozenset({"GetNode", "easy getNode"})
_SILENT = frozenset(
    {
        *("Note", "MarkdownNote", "Label (rgthree)", "Bookmark (rgthree)", "Node Collector (rgthree)"),
        *("Fast Muter (rgthree)", "Fast Bypasser (rgthree)", "Fast Actions Button (rgthree)"),
        *("Fast Groups Muter (rgthree)", "Fast Groups Bypasser (rgthree)", "Random Unmuter (rgthree)"),
        *("Mute / Bypass Repeater (rgthree)", "Mute / Bypass Relay (rgthree)"),
        *("Anything Everywhere", "Anything Everywhere3", "Anything Everywhere?"),
        *("Prompts Everywhere", "Seed Everywhere", "Simple String"),
    }
)
VIRTUAL = REROUTES | SETTERS | GETTERS | _SILENT | {PRIMITIVE}
"""Node types that live in the editor alone and never reach the engine."""
_ANY = ("*", "")


class Feed(NamedTuple):
    """The end of a way: an output of a node in the API format."""

    node_id: str
    slot: int


class Held(NamedTuple):
    """The end of a way: a value, from a primitive node or from a widget of a subgraph's node."""

    value: Any


class Loose(NamedTuple):
    """The end of a way that leads nowhere; the input keeps its own value, if it has one."""

    fault: str = ""
    """What is wrong about it; empty where the editor has it so on purpose."""
    missing_setter: str | None = None


class Muted(NamedTuple):
    """The end of a way at a muted node: the input gets nothing, not even its own value."""

    node: UiNode


End = Feed | Held | Loose | Muted


class _Entry(NamedTuple):
    """On the way, at an input."""

    scope: Scope
    socket: Socket | None


class _Exit(NamedTuple):
    """On the way, at an output."""

    scope: Scope
    edge: Edge


def trace(scope: Scope, socket: Socket, values: Values) -> End:
    """Return what an input's link leads back to."""
    at: _Entry | _Exit | End = _Entry(scope, socket)
    seen: set[tuple[object, ...]] = set()
    while isinstance(at, (_Entry, _Exit)):
        place = (type(at), id(at.scope), *at[1:])
        if place in seen:
            return Loose("it leads in a circle")
        seen.add(place)
        at = _enter(at) if isinstance(at, _Entry) else _leave(at, socket.type, values)
    return at


def _enter(at: _Entry) -> _Exit | _Entry | End:
    """Go from an input to the output that its link comes from."""
    link = at.socket.link if at.socket else None
    if link is None:
        return Loose()
    edge = at.scope.graph.links.get(link)
    return _Exit(at.scope, edge) if edge else Loose(f"it has the link {link}, which is not in the file")


def _leave(at: _Exit, wanted: str, values: Values) -> _Exit | _Entry | End:
    """Go from an output to what is behind it."""
    scope, (origin, slot) = at
    if scope.host and origin == scope.graph.input_node:
        return _out_of_subgraph(scope, slot, values)
    node = scope.graph.nodes.get(origin)
    if node is None:
        return Loose(f"its link comes from node {origin}, which is not in the file")
    if node.type in VIRTUAL:
        return _through_virtual(scope, node, values)
    if node.mode is Mode.MUTED:
        return Muted(node)
    if node.mode is Mode.BYPASSED:
        return _Entry(scope, _bypass(node, slot, wanted))
    if node.id in scope.children:
        return _into_subgraph(scope.children[node.id], slot)
    return Feed(scope.prefix + node.id, slot)


def _out_of_subgraph(scope: Scope, slot: int, values: Values) -> _Entry | End:
    outside = outer_socket(scope, slot)
    if outside is None or scope.parent is None or scope.host is None:
        return Loose(f"its link comes from input {slot} of a subgraph that has none of that number")
    port, socket = outside
    if socket and socket.link:
        return _Entry(scope.parent, socket)
    value = value_of(scope.parent, scope.host, port.name, values)
    return Loose() if value is None else Held(value)


def _into_subgraph(child: Scope, slot: int) -> _Entry | _Exit | End:
    outputs = child.graph.outputs
    links = outputs[slot].links if 0 <= slot < len(outputs) else ()
    edge = next((child.graph.links[link] for link in links if link in child.graph.links), None)
    return _Exit(child, edge) if edge else Loose("it leads into a subgraph, where nothing is connected")


def _bypass(node: UiNode, slot: int, wanted: str) -> Socket | None:
    """Return the input that a bypassed node hands on for an output: one of the type wanted, best of the same number."""
    candidates = [*node.inputs[slot : slot + 1], *node.inputs]
    if wanted in _ANY and 0 <= slot < len(node.output_types):
        wanted = node.output_types[slot]
    if wanted in _ANY:
        return next(iter(candidates), None)
    same = (socket for socket in candidates if socket.type == wanted)
    fitting = (socket for socket in candidates if _fits(socket.type, wanted))
    return next(same, None) or next(fitting, None)


def _fits(offered: str, wanted: str) -> bool:
    return offered in _ANY or not set(offered.split(",")).isdisjoint(wanted.split(","))


def _through_virtual(scope: Scope, node: UiNode, values: Values) -> _Entry | End:
    if node.type == PRIMITIVE:
        value = value_of(scope, node, "value", values)
        return Loose() if value is None else Held(value)
    if node.type in GETTERS:
        return _from_setter(scope, node)
    if node.type in _SILENT:
        return Loose()
    return _Entry(scope, next(iter(node.inputs), None))


def _from_setter(scope: Scope, getter: UiNode) -> _Entry | End:
    """Go to the Set node of the same name, in this graph or in one around it."""
    wanted = _given_name(getter)
    for outer in scope.ancestors():
        for node in _setters(outer):
            if _given_name(node) == wanted:
                return _Entry(outer, next(iter(node.inputs), None))
    return Loose(f"it asks for {wanted!r}, which no Set node gives", missing_setter=wanted)


def _setters(scope: Scope) -> Iterator[UiNode]:
    return (node for node in scope.graph.nodes.values() if node.type in SETTERS)


def _given_name(node: UiNode) -> str:
    named = (node.named or {}).values()
    return str(next(iter((*node.values, *named)), ""))
