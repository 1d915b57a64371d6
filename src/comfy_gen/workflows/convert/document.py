"""Reads what ComfyUI's editor saves into types of our own: graphs, nodes, sockets, links, subgraph definitions. Pure.

Whatever is missing and not needed is filled in; what makes the rest unreadable is an error that says where.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from comfy_gen.workflows.convert.fields import Fields, identifier

if TYPE_CHECKING:
    from collections.abc import Mapping

_INPUT_NODE, _OUTPUT_NODE = "-10", "-20"
"""The ids of a subgraph's two border nodes, where a file does not name them."""


class Mode(IntEnum):
    """What the editor does with a node; the other numbers that are in use mean the same as ``ALWAYS``."""

    ALWAYS = 0
    MUTED = 2
    BYPASSED = 4


class Edge(NamedTuple):
    """Where a link comes from."""

    origin: str
    slot: int


_Broadcasts = dict[tuple[str, int], Edge]
"""Links that are not drawn, by node and number of its input: "Anything Everywhere" makes them."""


class Socket(NamedTuple):
    """One input of a node."""

    name: str
    type: str
    link: str | None
    widget: str | None = None
    """The widget that it stands for: without a link, the value is there."""


class Port(NamedTuple):
    """One input or output of a subgraph, with the links that it has inside."""

    name: str
    links: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UiNode:
    """One node as the editor saves it."""

    id: str
    type: str
    mode: Mode = Mode.ALWAYS
    title: str = ""
    inputs: tuple[Socket, ...] = ()
    output_types: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    """The values of its widgets in the order of the widgets."""
    named: Mapping[str, Any] | None = None
    """The same by name, where the file has it."""
    properties: Fields

    def socket(self, name: str) -> Socket | None:
        """Return the input of that name."""
        return next((socket for socket in self.inputs if socket.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """The nodes and links of the whole workflow, or of one subgraph's definition."""

    name: str
    nodes: Mapping[str, UiNode]
    links: Mapping[str, Edge]
    inputs: tuple[Port, ...] = ()
    outputs: tuple[Port, ...] = ()
    input_node: str = _INPUT_NODE
    targets: Mapping[str, tuple[str, Socket]]
    """For each link the node and the socket that it feeds."""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole file."""

    root: Graph
    definitions: Mapping[str, Graph]
    """The subgraphs by their ids, which are the types of the nodes that stand for them."""


def read_document(data: object, source: str) -> Document:
    """Return the parsed JSON of a UI workflow.

    Raises:
        NotUiWorkflowError: it is something else, or a part of it cannot be read; and which.
    """
    fields = Fields.of(data, source, "the file")
    if "nodes" not in fields:
        raise fields.fault("it has no `nodes`")
    definitions = fields.child("definitions").children("subgraphs")
    graphs = {identifier(definition, "id"): _read_graph(definition) for definition in definitions}
    return Document(root=_read_graph(fields), definitions=graphs)


def _read_graph(fields: Fields) -> Graph:
    nodes: dict[str, UiNode] = {}
    broadcasts = _read_broadcasts(fields)
    for part in fields.children("nodes"):
        node = _read_node(part, broadcasts)
        if node.id in nodes:
            raise part.fault(f"another node has the id {node.id} too")
        nodes[node.id] = node
    return Graph(
        name=fields.text("name"),
        nodes=nodes,
        links=_read_links(fields) | {_undrawn(*target): edge for target, edge in broadcasts.items()},
        inputs=_read_ports(fields, "inputs"),
        outputs=_read_ports(fields, "outputs"),
        input_node=fields.child("inputNode").label("id") or _INPUT_NODE,
        targets={socket.link: (node.id, socket) for node in nodes.values() for socket in node.inputs if socket.link},
    )


def _read_node(fields: Fields, broadcasts: _Broadcasts) -> UiNode:
    node_id = identifier(fields, "id")
    if not fields.text("type"):
        raise fields.fault("it has no type")
    mode = fields.get("mode")
    values, named = _read_values(fields)
    return UiNode(
        id=node_id,
        type=fields.text("type"),
        mode=Mode(mode) if mode in (Mode.MUTED, Mode.BYPASSED) else Mode.ALWAYS,
        title=fields.text("title"),
        inputs=tuple(
            _read_socket(part, _undrawn(node_id, number) if (node_id, number) in broadcasts else None)
            for number, part in enumerate(fields.children("inputs"))
        ),
        output_types=tuple(part.label("type") for part in fields.children("outputs")),
        values=values,
        named=named,
        properties=fields.child("properties"),
    )


def _read_values(fields: Fields) -> tuple[tuple[Any, ...], Mapping[str, Any] | None]:
    """Return the values of a node's widgets in their order, and by name where the file has names.

    Where it has both and they are equally many, the names are those of the order, and the order has the values: that
    is what the editor reads, and what people change who edit files.
    """
    saved = fields.get("widgets_values")
    if isinstance(saved, dict):  # how some packs save theirs
        return (), cast("dict[str, Any]", saved)
    values = tuple(cast("list[Any]", saved)) if isinstance(saved, list) else ()
    if "widgets_values_named" not in fields:
        return values, None
    named = fields.child("widgets_values_named").data
    return values, dict(zip(named, values, strict=True)) if len(named) == len(values) else named


def _read_socket(fields: Fields, undrawn: str | None) -> Socket:
    widget = fields.child("widget").text("name")
    return Socket(fields.text("name"), fields.label("type"), fields.label("link") or undrawn, widget or None)


def _read_ports(fields: Fields, key: str) -> tuple[Port, ...]:
    return tuple(
        Port(part.text("name"), tuple(str(link) for link in part.items("linkIds"))) for part in fields.children(key)
    )


def _read_links(fields: Fields) -> dict[str, Edge]:
    return dict(_read_link(link, fields) for link in fields.items("links") if link is not None)


def _read_link(link: object, owner: Fields) -> tuple[str, Edge]:
    """Return a link of either layout: a list of its fields, or an object of them."""
    match _link_parts(link):
        case [int() | str() as link_id, int() | str() as origin, int(slot)]:
            pass
        case _:
            raise owner.fault(f"it has the link {link!r:.80}, which is neither of the two layouts that ComfyUI writes")
    return str(link_id), Edge(str(origin), slot)


def _link_parts(link: object) -> list[object]:
    if isinstance(link, dict):
        return [cast("dict[str, object]", link).get(key) for key in ("id", "origin_id", "origin_slot")]
    return cast("list[object]", link)[:3] if isinstance(link, list) else []


def _read_broadcasts(fields: Fields) -> _Broadcasts:
    links = fields.child("extra").children("ue_links")
    return {
        (identifier(link, "downstream"), link.number("downstream_slot")): Edge(
            identifier(link, "upstream"), link.number("upstream_slot")
        )
        for link in links
    }


def _undrawn(node_id: str, number: int) -> str:
    """Return an id for the link to a node's input that is not drawn."""
    return f"to input {number} of node {node_id}"
