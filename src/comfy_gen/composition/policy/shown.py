"""Finds the texts of a workflow that say what is to be seen; those that say what is not are left out. Pure.

A text counts unless it surely is a negative prompt: it leads nowhere but to negative inputs of samplers, and these
samplers turn away from it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, cast

from comfy_gen.composition.policy.computed import computed_texts
from comfy_gen.workflows.graph import is_link, links
from comfy_gen.workflows.passes import sampling_passes
from comfy_gen.workflows.roles import prompt_traces
from comfy_gen.workflows.slots import Slot, origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from comfy_gen.workflows.conditioning import Trace
    from comfy_gen.workflows.graph import Link, Workflow
    from comfy_gen.workflows.passes import Pass

_FILE = re.compile(r"\S+\.(?:safetensors|sft|ckpt|pth?|bin|gguf|onnx|png|jpe?g|webp|gif|mp4|webm|json)", re.IGNORECASE)
_FILES = re.compile(r"(?!.*(?:text|prompt)).*(?:name|path|file|image|mask|video|audio|lora|model)", re.IGNORECASE)
"""Inputs that take a file's name; elsewhere such a name is a text like any other."""
_DATA = re.compile(r"(?:data:[\w/+.;=-]{0,100},)?[A-Za-z0-9+/=_-]+")
_DATAS = re.compile(r"(?!.*(?:text|prompt)).*(?:image|mask|video|audio|data|base64|b64)", re.IGNORECASE)
"""Inputs that take such data. Elsewhere it is a text, however long: words with ``_`` between them look no different."""
_LONG = 2_000
"""Characters without a blank from which on they are a picture or the like, written as text."""
_MUCH = 10_000
"""Characters: ten milliseconds' work."""
_NOT_TEXTS = frozenset({"filename_prefix"})
_NUMBERS = (int, float)


def all_texts(workflow: Workflow) -> list[str]:
    """Return every text of a workflow, but for the names of files; also of one whose shape nobody checked."""
    nodes = cast("dict[str, object]", workflow).values()
    written = [text for node in nodes for name, text in _texts_in(node) if _is_text(name, text)]
    return [*written, *(text for _, text in computed_texts(workflow))]


def is_long(workflow: Workflow) -> bool:
    """Tell whether there is so much text that others should not have to wait until it was looked at."""
    return sum(map(len, all_texts(workflow))) > _MUCH


def texts_of(workflow: Workflow) -> list[str]:
    """Return the texts of a workflow that say what is to be seen."""
    passes = sampling_passes(workflow)
    positive, negative = prompt_traces(workflow, passes)
    if not _turns_away(workflow, passes):
        return all_texts(workflow)
    unseen_nodes = _negative_nodes(workflow, passes, positive, negative)
    # A loader that encodes as well has both texts, and each goes to its side.
    unseen = {slot for slot in negative.texts if slot not in positive.texts and slot.node_id in positive.encoders}
    written = [
        text
        for node_id, node in workflow.items()
        if node_id not in unseen_nodes
        for name, text in _texts_in(node)
        if _is_text(name, text) and Slot(node_id, name) not in unseen
    ]
    return [*written, *(text for node_id, text in computed_texts(workflow) if node_id not in unseen_nodes)]


def _turns_away(workflow: Workflow, passes: list[Pass]) -> bool:
    """Tell whether every sampler has the guidance to keep what is negative out; below 1 it paints that instead."""
    slots = [slot for one in passes for slot in one.slots(workflow, "cfg", "cfg_conds", "cfg_cond2_negative")]
    values = [origin(workflow, slot, _NUMBERS).value(workflow) for slot in slots]
    return all(isinstance(value, _NUMBERS) and value >= 1 for value in values)


def _negative_nodes(workflow: Workflow, passes: list[Pass], positive: Trace, negative: Trace) -> set[str]:
    """Return the nodes whose texts lead to negative inputs alone: from the samplers backwards."""
    leaving: defaultdict[str, list[Link]] = defaultdict(list)
    entering: defaultdict[str, list[Link]] = defaultdict(list)
    for link in links(workflow):
        leaving[link.source].append(link)
        entering[link.target].append(link)
    ends = {(slot.node_id, slot.input_name) for one in passes for slot in one.slots(workflow, "negative")}
    found = set[str]()

    def is_negative(link: Link) -> bool:
        is_pair = link.target in negative.nodes and link.input_name.startswith("negative")
        return is_pair or link.target in found or (link.target, link.input_name) in ends

    todo = [link.source for entries in entering.values() for link in entries if is_negative(link)]
    while todo:
        node_id = todo.pop()
        if node_id not in found and node_id not in positive.nodes and all(map(is_negative, leaving[node_id])):
            found.add(node_id)
            todo.extend(link.source for link in entering[node_id])
    return found


def _texts_in(node: object) -> Iterator[tuple[str, str]]:
    """Yield each text of a node with the input that it stands in, also inside lists and objects."""
    inputs: object = cast("dict[str, object]", node).get("inputs") if isinstance(node, dict) else None
    for name, value in cast("dict[str, object]", inputs).items() if isinstance(inputs, dict) else ():
        if isinstance(value, str):
            yield name, value
        elif not (isinstance(value, _NUMBERS) or is_link(value)):
            yield from ((name, text) for text in _inside(value))


def _inside(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in cast("dict[str, object]", value).values():
            yield from _inside(part)
    elif isinstance(value, list):
        for part in cast("list[object]", value):
            yield from _inside(part)


def _is_text(name: str, text: str) -> bool:
    if len(text) > _LONG and _DATAS.match(name) is not None and _DATA.fullmatch(text) is not None:
        return False
    is_file = _FILE.fullmatch(text) is not None and _FILES.match(name) is not None  # the faster first
    return name not in _NOT_TEXTS and not is_file
