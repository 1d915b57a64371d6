"""Says in what two graphs differ, whatever their nodes are numbered. Pure.

Nodes are paired by what they are and what they are linked to, first by all that is around them, then by ever less;
ids only decide between nodes that are otherwise alike. What is paired helps to tell its neighbours apart. Titles and
places on the editor's canvas do not count: ComfyUI computes the same with any.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

from comfy_gen.workflows.graph import is_link, links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comfy_gen.workflows.graph import Workflow


class _View(NamedTuple):
    """How much of a node is looked at to pair it."""

    values: bool
    """With the values of its inputs; else its class alone."""
    radius: int
    """And so many links around it."""
    ends: tuple[str, ...] = ("from", "to")
    """Only those that come ``from`` other nodes, or go ``to`` them."""


_FAR = 300
"""A radius that is the whole of nearly every graph."""
_VIEWS = (
    *(_View(values=True, radius=_FAR), _View(values=False, radius=_FAR)),
    *(_View(values=True, radius=1), _View(values=False, radius=2), _View(values=False, radius=1)),
    *(_View(values=True, radius=1, ends=("to",)), _View(values=True, radius=0)),
    *(_View(values=False, radius=1, ends=("to",)), _View(values=False, radius=1, ends=("from",))),
    _View(values=False, radius=0),
)
_PATIENCE = 50
"""How many pairs of nodes that look alike are tried one by one; after that, they are paired in their order."""

_Colours = dict[str, int]
"""A number for each node; two nodes that have the same look alike."""


@dataclass(frozen=True, slots=True)
class InputChange:
    """One input that is not the same in both; a side is empty where the node has no such input, else its one value."""

    name: str
    before: tuple[Any, ...]
    after: tuple[Any, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the change as JSON, without a side that has no such input."""
        sides = {"before": self.before, "after": self.after}
        return {"input": self.name} | {side: value[0] for side, value in sides.items() if value}


@dataclass(frozen=True, slots=True)
class NodeChange:
    """One node that is in both, with other inputs."""

    before_id: str
    after_id: str
    class_type: str
    inputs: tuple[InputChange, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What must be done to the first graph to make it the second."""

    removed: tuple[str, ...]
    """Ids in the first graph."""
    added: tuple[str, ...]
    """Ids in the second graph."""
    changed: tuple[NodeChange, ...]
    renumbered: dict[str, str]
    """New ids by old ones, of nodes that are in both; by itself this is no difference."""

    def __bool__(self) -> bool:
        return bool(self.removed or self.added or self.changed)


def diff_workflows(before: Workflow, after: Workflow) -> Difference:
    """Return in what two graphs differ."""
    pairs = _pair(before, after)
    # A link to nowhere is the same link in both.
    sources = {link.source: link.source for link in links(before) if link.source not in before} | pairs
    changes = [
        NodeChange(old, new, before[old]["class_type"], inputs)
        for old, new in pairs.items()
        if (inputs := tuple(_changes(before[old]["inputs"], after[new]["inputs"], sources)))
    ]
    return Difference(
        removed=tuple(node_id for node_id in before if node_id not in pairs),
        added=tuple(node_id for node_id in after if node_id not in pairs.values()),
        changed=tuple(changes),
        renumbered={old: new for old, new in pairs.items() if old != new},
    )


def _changes(before: dict[str, Any], after: dict[str, Any], sources: dict[str, str]) -> Iterator[InputChange]:
    for name in dict.fromkeys([*before, *after]):
        if name not in before or name not in after or not _is_same(before[name], after[name], sources):
            sides = [(inputs[name],) if name in inputs else () for inputs in (before, after)]
            yield InputChange(name, *sides)


def _is_same(before: Any, after: Any, sources: dict[str, str]) -> bool:
    if is_link(before) and is_link(after):
        return [sources.get(before[0]), before[1]] == after
    # To Python true is 1, to a node it is not; 8 and 8.0 are one to both.
    return isinstance(before, bool) == isinstance(after, bool) and before == after


def _pair(before: Workflow, after: Workflow) -> dict[str, str]:
    """Return the second graph's nodes by those of the first, in the order of the first."""
    pairs: dict[str, str] = {}
    guesses = count()
    for view in _VIEWS:
        while groups := _groups((before, after), pairs, view):
            sure = [(olds[0], news[0]) for olds, news in groups if len(olds) == len(news) == 1]
            # A guess among those that look alike may tell others apart, so it is one at a time.
            some = None if next(guesses) > _PATIENCE else 1
            pairs.update(sure or [pair for group in groups[:some] for pair in _guess((before, after), group)[:some]])
    return {old: pairs[old] for old in before if old in pairs}


_Group = tuple[list[str], list[str]]
"""Nodes of either graph that look alike and are not yet paired."""


def _groups(graphs: tuple[Workflow, Workflow], pairs: dict[str, str], view: _View) -> list[_Group]:
    """Return the groups of which both graphs have a node."""
    groups: dict[int, _Group] = defaultdict(lambda: ([], []))
    paired = set(pairs), set(pairs.values())
    if len(paired[0]) == len(graphs[0]) or len(paired[1]) == len(graphs[1]):
        return []
    for side, colours in enumerate(_colour(graphs, pairs, view)):
        for node_id, colour in colours.items():
            if node_id not in paired[side]:
                groups[colour][side].append(node_id)
    return [group for group in groups.values() if all(group)]


def _guess(graphs: tuple[Workflow, Workflow], group: _Group) -> list[tuple[str, str]]:
    """Pair all that can be: first those of the same values and id, then of the values, of the id, the rest."""
    guessed: dict[str, str] = {}
    for by_value, by_id in ((True, True), (True, False), (False, True), (False, False)):
        waiting: dict[tuple[str, str], list[str]] = defaultdict(list)
        keys = [
            {node_id: (_values(graph, node_id) if by_value else "", node_id if by_id else "") for node_id in own}
            for graph, own in zip(graphs, group, strict=True)
        ]
        taken = set(guessed.values())
        for new in reversed(group[1]):
            if new not in taken:
                waiting[keys[1][new]].append(new)
        for old in group[0]:
            if old not in guessed and (same := waiting[keys[0][old]]):
                guessed[old] = same.pop()
    return list(guessed.items())


def _values(workflow: Workflow, node_id: str) -> str:
    values = {name: value for name, value in workflow[node_id]["inputs"].items() if not is_link(value)}
    return json.dumps(values, sort_keys=True, default=repr)


def _colour(graphs: tuple[Workflow, Workflow], pairs: dict[str, str], view: _View) -> list[_Colours]:
    """Number the nodes of both graphs: the same number for those that look the same; paired nodes have their own."""
    numbers: dict[Any, int] = {}
    names = {old: old for old in pairs}, {new: old for old, new in pairs.items()}
    colours: list[_Colours] = []
    for graph, paired in zip(graphs, names, strict=True):
        looks = {node_id: paired.get(node_id) or _look(graph, node_id, view) for node_id in graph}
        colours.append({node_id: numbers.setdefault(look, len(numbers)) for node_id, look in looks.items()})
    for _ in range(view.radius):
        told_apart, numbers = len(numbers), {}
        colours = [_spread(graph, own, view, numbers) for graph, own in zip(graphs, colours, strict=True)]
        if len(numbers) == told_apart:
            break
    return colours


def _look(workflow: Workflow, node_id: str, view: _View) -> tuple[object, ...]:
    values = _values(workflow, node_id) if view.values else ""
    # A node without values says too little by itself, so it looks like no other.
    alone = id(workflow) if values == "{}" and not view.radius else None
    return workflow[node_id]["class_type"], values, alone


def _spread(workflow: Workflow, colours: _Colours, view: _View, numbers: dict[Any, int]) -> _Colours:
    """Return new numbers that tell apart what has other neighbours."""
    around: dict[str, list[tuple[str, str, int, int]]] = defaultdict(list)
    for link in links(workflow):
        if link.source in colours:
            around[link.target].append(("from", link.input_name, link.slot, colours[link.source]))
            around[link.source].append(("to", link.input_name, link.slot, colours[link.target]))
    looks = {
        node_id: (colour, *sorted(seen for seen in around[node_id] if seen[0] in view.ends))
        for node_id, colour in colours.items()
    }
    return {node_id: numbers.setdefault(look, len(numbers)) for node_id, look in looks.items()}
