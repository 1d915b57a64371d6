"""Which node classes may be run."""

from __future__ import annotations

import pytest

from comfy_gen.workflows.rules import NodeRules
from tests.workflows.samples import node


def graph(*classes):
    return {str(number): node(name) for number, name in enumerate(classes)}


def test_without_rules_everything_may_be_run():
    assert NodeRules().refused(graph("KSampler", "Whatever")) == ()


def test_only_what_is_allowed_may_be_run():
    rules = NodeRules(allowed=["KSampler", "Load*"])
    assert rules.refused(graph("KSampler", "LoadImage", "SaveImage", "SaveImage", "A")) == ("A", "SaveImage")


def test_denied_goes_before_allowed():
    assert NodeRules(allowed=["*"], denied=["*Shell*"]).refused(graph("RunShellNode", "KSampler")) == ("RunShellNode",)


@pytest.mark.parametrize("name", ["ksampler", "KSampler ", "KSamplerX"])
def test_name_is_meant_to_the_letter(name):
    assert NodeRules(allowed=["KSampler"]).refused(graph(name)) == (name,)
    assert NodeRules(denied=["KSampler"]).refused(graph(name)) == ()


def test_node_inside_a_subgraph_is_refused_too():
    workflow = {"57:8": node("Shell"), "3": node("SaveImage")}
    assert NodeRules(denied=["Shell"]).refused(workflow) == ("Shell",)
