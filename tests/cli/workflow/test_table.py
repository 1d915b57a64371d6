from __future__ import annotations

from comfy_gen.app.importing import Lacks, MissingModel, MissingNode
from comfy_gen.cli.workflow.table import lines_of
from comfy_gen.models.fallbacks import Fallback
from comfy_gen.models.model import Model


def said(lacks):
    return [line.plain for line in lines_of(lacks)]


def test_node_says_where_its_pack_is_or_else_what_is_nearest():
    known = MissingNode("Detailer", ("1", "2"), ("VAEDecode",), "https://registry.comfy.org/nodes/impact-pack")
    unknown = MissingNode("Savve", ("3",), ("SaveImage", "SaveVideo"))
    lost = MissingNode("workflow>x", ("4",), (), reason="it is a group node")
    assert said(Lacks(nodes=(known, unknown, lost))) == [
        "missing  node class Detailer  nodes 1, 2",
        "            from  https://registry.comfy.org/nodes/impact-pack",
        "missing  node class Savve  node 3",
        "         nearest  SaveImage, SaveVideo",
        "missing  node class workflow>x  node 4",
        "             why  it is a group node",
    ]


def test_model_says_what_could_stand_in_and_where_it_is_to_be_had():
    model = Model(file="a.safetensors", folder="vae", source="hf:x/y/a.safetensors", size=2 * 10**9, licence="mit")
    missing = MissingModel("vae", "a.safetensors", ("1",), (Fallback("a-fp16.safetensors", "half as exact"),), model)
    assert said(Lacks(models=(missing,))) == [
        "missing  model vae/a.safetensors  node 1",
        "         instead  a-fp16.safetensors (half as exact)",
        "            from  hf:x/y/a.safetensors, 2 GB, mit",
    ]


def test_model_that_only_has_a_page_shows_it():
    missing = MissingModel("vae", "a", ("1",), model=Model(file="a", folder="vae", page="https://x.test/a"))
    assert said(Lacks(models=(missing,)))[1] == "             see  https://x.test/a"


def test_problems_come_last():
    lacks = Lacks(nodes=(MissingNode("X", ("1",), ()),), problems=("node 2 (KSampler): steps is 0",))
    assert said(lacks)[-1] == "wrong    node 2 (KSampler): steps is 0"


def test_what_a_workflow_names_does_not_steer_the_terminal():
    wicked = "Evil\x1b]0;title\x07\x1b[2J"
    node = MissingNode(wicked, (wicked,), (wicked,), reason=wicked)
    model = MissingModel("vae", wicked, ("1",), (Fallback(wicked, "alike"),))
    shown = said(Lacks(nodes=(node,), models=(model,), problems=(wicked,)))
    assert "Evil" in shown[0]
    assert all(line.isprintable() for line in shown)
