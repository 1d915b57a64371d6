"""A graph that is made to take long to be told of does not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from comfy_gen.app import validating as module
from comfy_gen.app.planner import Bounds, Planner, Raw
from comfy_gen.app.validating import validate
from comfy_gen.engines.capability import Capability
from comfy_gen.errors import ForbiddenError
from comfy_gen.sandbox.catalog import object_info
from comfy_gen.workflows.rules import NodeRules

INFO = object_info({}, [])


class Knowledge:
    """Two engines, of which each lacks something."""

    def __init__(self, **capabilities):
        self._capabilities = capabilities
        self.asked = []

    async def capabilities(self, *, need):
        del need
        return self._capabilities

    async def declared(self, names, *, need):
        del need
        self.asked.append(names)
        return names[0], INFO


def planner_with(knowledge: Any) -> Planner:
    parts: Any = SimpleNamespace()
    return Planner(modifiers=parts, saved=parts, knowledge=knowledge, bounds=Bounds(NodeRules(), 2000))


async def nothing(workflow):
    del workflow


def unknown(count):
    return {str(number): {"class_type": f"Mystery{number}", "inputs": {}} for number in range(count)}


async def test_engine_that_lacks_the_least_is_asked_or_any_of_several():
    classes = frozenset(INFO)
    knowledge = Knowledge(poor=Capability(), rich=Capability(classes), equal=Capability(classes))
    graph = {"1": {"class_type": "EmptyImage", "inputs": {}}}
    found = await validate(planner_with(knowledge), Raw(graph), nothing)
    assert knowledge.asked == [["rich", "equal"]]
    assert found.engine == "rich"


async def test_nearest_names_are_found_for_so_many_and_the_others_told_without(monkeypatch):
    monkeypatch.setattr(module, "MOST_SEARCHES", 4)
    found = await validate(planner_with(Knowledge(a=Capability(frozenset(INFO)))), Raw(unknown(10)), nothing)
    assert len(found.lacks.nodes) == 10
    assert sum(bool(one.nearest) for one in found.lacks.nodes) == 4


async def test_what_else_speaks_against_it_is_heard_before_an_engine_is_asked():
    async def refuse(workflow):
        raise ForbiddenError(f"{len(workflow)} nodes", "do not.")

    knowledge = Knowledge(a=Capability())
    with pytest.raises(ForbiddenError):
        await validate(planner_with(knowledge), Raw(unknown(1)), refuse)
    assert knowledge.asked == []
