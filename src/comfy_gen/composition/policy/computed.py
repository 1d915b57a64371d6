"""Works out the texts that ComfyUI's own nodes make of other texts, so that words in pieces are seen as words. Pure.

What nodes make by patterns (``RegexReplace``, ``RegexExtract``) or of things that no graph holds is not known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from comfy_gen.workflows.graph import is_link

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from comfy_gen.workflows.graph import Workflow

_DEEPEST = 50
"""Nodes that a text may go through."""
_LONGEST = 200_000
"""Characters: what is longer is cut."""


def computed_texts(workflow: Workflow) -> Iterator[tuple[str, str]]:
    """Yield the nodes that make a text of others, each with what comes of it."""
    for node_id, node in cast("dict[str, object]", workflow).items():
        made_of_others = _class_of(node) in _MAKERS and not _class_of(node).startswith("Primitive")
        if made_of_others and (text := _text_of(workflow, node_id, 0)):
            yield node_id, text


def _text_of(workflow: Workflow, node_id: object, depth: int) -> str:
    """Return the text that a node gives; empty where that is not known."""
    node = cast("Mapping[object, object]", workflow).get(node_id)
    make = _MAKERS.get(_class_of(node))
    inputs: object = cast("dict[str, object]", node).get("inputs") if isinstance(node, dict) else None
    if make is None or depth > _DEEPEST or not isinstance(inputs, dict):
        return ""
    values = cast("dict[str, object]", inputs)

    def text(name: str) -> str:
        value = values.get(name)
        if is_link(value):
            return _text_of(workflow, cast("list[object]", value)[0], depth + 1)
        return value if isinstance(value, str) else ""

    return make(text, values)[:_LONGEST]


def _class_of(node: object) -> str:
    return str(cast("dict[str, object]", node).get("class_type")) if isinstance(node, dict) else ""


def _replaced(text: Callable[[str], str], values: Mapping[str, Any]) -> str:
    del values
    find, replace = text("find"), text("replace")
    whole = text("string")
    return whole.replace(find, replace) if find and len(whole) * max(len(replace), 1) <= _LONGEST else whole


def _part(text: Callable[[str], str], values: Mapping[str, Any]) -> str:
    start, end = values.get("start"), values.get("end")
    whole = text("string")
    return whole[start:end] if isinstance(start, int) and isinstance(end, int) else whole


_MAKERS: Mapping[str, Callable[[Callable[[str], str], Mapping[str, Any]], str]] = {
    "PrimitiveString": lambda text, _: text("value"),
    "PrimitiveStringMultiline": lambda text, _: text("value"),
    "StringConcatenate": lambda text, _: text("delimiter").join((text("string_a"), text("string_b"))),
    "StringReplace": _replaced,
    "StringSubstring": _part,
    "StringTrim": lambda text, _: text("string").strip(),
    "CaseConverter": lambda text, _: text("string"),
}
"""How each class makes its text, given what returns that of an input, and the inputs."""
