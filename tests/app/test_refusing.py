from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import pytest

from comfy_gen.app.planner import Bounds, Planner
from comfy_gen.app.refusing import MOST_ENGINES, check_accepted
from comfy_gen.engines.capability import Capability
from comfy_gen.errors import (
    GraphTooLargeError,
    InvalidWorkflowError,
    NodeNotAllowedError,
    NoEngineError,
    WorkflowFormatError,
)
from comfy_gen.sandbox.catalog import object_info
from comfy_gen.workflows.rules import NodeRules

INFO = object_info({}, [])
ALIKE = Capability(frozenset(INFO))
GOOD: dict[str, Any] = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "photo.png"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "x"}},
}


class Knowledge:
    """Engines that have the same nodes and models, and each its own files."""

    def __init__(self, *files: str, silent: bool = False):
        self._files = {f"engine-{number}": name for number, name in enumerate(files)}
        self._silent = silent
        self.asked: list[str] = []

    async def capabilities(self, *, need):
        if not self._files:
            raise NoEngineError(need)
        return dict.fromkeys(self._files, ALIKE)

    async def declared(self, names, *, need):
        if self._silent:
            raise NoEngineError(need)
        self.asked += names
        info = copy.deepcopy(INFO)
        info["LoadImage"]["input"]["required"]["image"][0] = [self._files[names[0]]]
        return names[0], info


def planner_with(knowledge: Any, *, most: int = 100, denied: tuple[str, ...] = ()) -> Planner:
    parts: Any = SimpleNamespace()
    return Planner(modifiers=parts, saved=parts, knowledge=knowledge, bounds=Bounds(NodeRules(denied=denied), most))


async def test_workflow_is_taken_that_one_of_several_engines_would_take():
    knowledge = Knowledge("other.png", "photo.png", "third.png")
    await check_accepted(planner_with(knowledge), GOOD)
    assert knowledge.asked == ["engine-0", "engine-1"]


async def test_workflow_that_none_would_take_is_refused_with_what_the_first_says():
    knowledge = Knowledge(*(f"{number}.png" for number in range(MOST_ENGINES + 2)))
    with pytest.raises(InvalidWorkflowError) as caught:
        await check_accepted(planner_with(knowledge), GOOD)
    assert len(knowledge.asked) == MOST_ENGINES
    told: Any = caught.value.node_errors
    assert (told["1"]["class_type"], told["1"]["dependent_outputs"]) == ("LoadImage", ["2"])
    assert told["1"]["errors"][0]["type"] == "custom_validation_failed"
    assert "photo.png" in str(caught.value)


async def test_files_that_every_engine_is_given_are_there():
    graph = copy.deepcopy(GOOD)
    graph["1"]["inputs"]["image"] = "https://example.com/photo.png"
    await check_accepted(planner_with(Knowledge("other.png")), graph)


@pytest.mark.parametrize("knowledge", [Knowledge(), Knowledge("a.png", silent=True)])
async def test_workflow_is_taken_where_no_engine_can_be_asked(knowledge):
    await check_accepted(planner_with(knowledge), {"1": {"class_type": "Unheard", "inputs": {}}})


async def test_what_may_not_run_here_is_refused_whatever_engines_say():
    with pytest.raises(GraphTooLargeError):
        await check_accepted(planner_with(Knowledge(), most=1), GOOD)
    with pytest.raises(NodeNotAllowedError):
        await check_accepted(planner_with(Knowledge(), denied=("LoadImage",)), GOOD)
    bad: Any = {"1": "x"}
    with pytest.raises(WorkflowFormatError):
        await check_accepted(planner_with(Knowledge()), bad)
