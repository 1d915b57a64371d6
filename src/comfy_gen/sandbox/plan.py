"""Decides in which order the nodes of a graph run and which of them need not run again. Pure.

The order is the one a ComfyUI 0.3.75 was seen to take: links are followed from the outputs, the last input first; of
the nodes that are ready, one that is an output goes first, then one that feeds an output, then one that feeds such a
one, then whichever was found first.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from comfy_gen.workflows.graph import is_link

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from comfy_gen.workflows.graph import Node, Workflow


class Plan:
    """The nodes still to run. Take one with ``next``, say with ``done`` that it has run."""

    def __init__(
        self,
        prompt: Workflow,
        outputs: Iterable[str],
        *,
        is_output: Callable[[str], bool],
        is_cached: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._outputs = frozenset(node_id for node_id in prompt if is_output(node_id))
        self._needs: dict[str, set[str]] = {}
        self._feeds: dict[str, set[str]] = {}
        for node_id in outputs:
            self._add(prompt, node_id, is_cached)

    def __bool__(self) -> bool:
        return bool(self._needs)

    def next(self) -> str:
        """Return the node to run now."""
        ready = [node_id for node_id, needs in self._needs.items() if not needs]
        return min(ready, key=self._distance)  # min keeps the first of equals

    def done(self, node_id: str) -> None:
        """Take the node from the plan; those that waited for it may become ready."""
        del self._needs[node_id]
        for fed in self._feeds.pop(node_id, ()):
            self._needs[fed].discard(node_id)

    def _add(self, prompt: Workflow, output: str, is_cached: Callable[[str], bool]) -> None:
        todo = [output]
        while todo:
            node_id = todo.pop()
            if node_id in self._needs:
                continue
            sources = [source for source in _sources(prompt[node_id]) if not is_cached(source)]
            self._needs[node_id] = set(sources)
            for source in sources:
                self._feeds.setdefault(source, set()).add(node_id)
            todo.extend(sources)

    def _distance(self, node_id: str) -> int:
        around: Collection[str] = {node_id}
        for distance in range(3):
            if not self._outputs.isdisjoint(around):
                return distance
            around = {fed for near in around for fed in self._feeds.get(near, ())}
        return 3


def signatures(prompt: Workflow, fingerprints: Mapping[str, str]) -> dict[str, str]:
    """Return for each node what its result depends on: its class and inputs, and the same of all before it.

    Two nodes, of one prompt or of two, have the same signature when one's result serves for the other. A node's
    ``fingerprint`` stands for what the graph does not say, such as the content of the file that it loads.
    """
    known: dict[str, str] = {}
    for node_id in prompt:
        _sign(prompt, node_id, fingerprints, known)
    return known


def _sign(prompt: Workflow, start: str, fingerprints: Mapping[str, str], known: dict[str, str]) -> None:
    todo, opened = [start], set[str]()
    while todo:
        node_id = todo[-1]
        if node_id not in opened:
            opened.add(node_id)
            # What is open already is on the way from here to the start: a cycle, which no output needs.
            todo.extend(s for s in _sources(prompt[node_id]) if s in prompt and s not in known and s not in opened)
            continue
        todo.pop()
        if node_id not in known:
            known[node_id] = _digest(prompt[node_id], fingerprints.get(node_id, ""), known)


def _digest(node: Node, fingerprint: str, known: Mapping[str, str]) -> str:
    inputs = node.get("inputs", {})
    parts = [node["class_type"], fingerprint]
    for name in sorted(inputs):
        value = inputs[name]
        parts.append(f"{name}={known.get(value[0])}#{value[1]}" if is_link(value) else f"{name}:{value!r}")
    return blake2b("\0".join(parts).encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _sources(node: Node) -> Iterator[str]:
    return (value[0] for value in node.get("inputs", {}).values() if is_link(value))
