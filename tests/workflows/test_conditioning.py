import pytest

from comfy_gen.workflows.conditioning import trace
from comfy_gen.workflows.slots import Slot
from tests.workflows.samples import node

POSITIVE, NEGATIVE = Slot("s", "positive"), Slot("s", "negative")


def graph_of(**nodes):
    texts = {"p": node("CLIPTextEncode", text="a fox", clip=["c", 0]), "n": node("CLIPTextEncode", text="ugly")}
    return {"s": node("KSampler", positive=["x", 0], negative=["x", 1]), **texts, **nodes}


def texts_of(graph, start, side):
    return [slot.node_id for slot in trace(graph, [start], side).texts]


@pytest.mark.parametrize(
    "passing",
    [
        node("FluxGuidance", conditioning=["p", 0], guidance=3.5),
        node("ControlNetApply", conditioning=["p", 0], control_net=["k", 0], image=["i", 0], strength=1.0),
        node("ConditioningSetMask", conditioning=["p", 0], mask=["m", 0], strength=1.0, set_cond_area="default"),
        node("ReferenceLatent", conditioning=["p", 0], latent=["l", 0]),
        node("ConditioningSetProperties", cond_NEW=["p", 0], strength=1.0),
        node("GLIGENTextBoxApply", conditioning_to=["p", 0], clip=["c", 0], text="a hat", x=0, y=0),
        node("Reroute", value=["p", 0]),
    ],
)
def test_text_is_found_behind_nodes_that_pass_conditioning_on(passing):
    found = trace(graph_of(x=passing), [POSITIVE], "positive")
    assert found.texts == [Slot("p", "text")]
    assert found.encoders == ["p"]
    assert found.nodes == ["x", "p"]


@pytest.mark.parametrize(
    "names", [("conditioning_1", "conditioning_2"), ("conditioning_to", "conditioning_from"), ("cond1", "cond2")]
)
def test_all_texts_of_a_mixture_are_found(names):
    mixture = node("Mix", **{names[0]: ["p", 0], names[1]: ["n", 0]})
    assert texts_of(graph_of(x=mixture), POSITIVE, "positive") == ["p", "n"]


@pytest.mark.parametrize(
    "pair",
    [
        node("ControlNetApplyAdvanced", positive=["p", 0], negative=["n", 0], control_net=["k", 0]),
        node("WanImageToVideo", positive=["p", 0], negative=["n", 0], vae=["v", 0], width=64, height=64),
        node("PairConditioningSetProperties", positive_NEW=["p", 0], negative_NEW=["n", 0]),
    ],
)
def test_each_output_of_a_pair_leads_to_its_own_side(pair):
    graph = graph_of(x=pair)
    assert texts_of(graph, POSITIVE, "positive") == ["p"]
    assert texts_of(graph, NEGATIVE, "negative") == ["n"]


def test_zeroed_conditioning_has_no_text():
    assert texts_of(graph_of(x=node("ConditioningZeroOut", conditioning=["p", 0])), NEGATIVE, "negative") == []


@pytest.mark.parametrize(
    ("encoder", "names"),
    [
        (node("CLIPTextEncodeSDXL", text_g="a", text_l="b", width=1024, height=1024), ["text_g", "text_l"]),
        (node("CLIPTextEncodeFlux", clip_l="a", t5xxl="b", guidance=3.5, clip=["c", 0]), ["clip_l", "t5xxl"]),
        (node("CLIPTextEncodeSD3", clip_l="a", clip_g="b", t5xxl="c"), ["clip_l", "clip_g", "t5xxl"]),
        (node("TextEncodeQwenImageEdit", prompt="a", clip=["c", 0], image=["i", 0]), ["prompt"]),
        (node("CLIPTextEncodeLumina2", system_prompt="superior", user_prompt="a"), ["user_prompt"]),
    ],
)
def test_encoders_with_several_texts_give_them_all(encoder, names):
    assert [slot.input_name for slot in trace(graph_of(x=encoder), [POSITIVE], "positive").texts] == names


def test_loader_that_encodes_gives_each_side_its_own_text():
    graph = graph_of(x=node("Efficient Loader", ckpt_name="a", positive="a fox", negative="ugly"))
    assert trace(graph, [POSITIVE], "positive").texts == [Slot("x", "positive")]
    assert trace(graph, [NEGATIVE], "negative").texts == [Slot("x", "negative")]


def test_linked_text_is_traced_to_its_primitive_node():
    graph = graph_of(x=node("CLIPTextEncode", text=["t", 0]), t=node("PrimitiveString", value="a fox"))
    assert trace(graph, [POSITIVE], "positive").origins(graph) == [Slot("t", "value")]


def test_node_without_text_gives_none():
    assert texts_of(graph_of(x=node("LotusConditioning")), POSITIVE, "positive") == []


def test_trace_ends_on_circles_and_missing_nodes():
    graph = graph_of(x=node("ConditioningCombine", conditioning_1=["x", 0], conditioning_2=["gone", 0]))
    assert texts_of(graph, POSITIVE, "positive") == []


def test_encoder_reached_twice_is_found_once():
    graph = graph_of(x=node("ConditioningCombine", conditioning_1=["p", 0], conditioning_2=["r", 0]))
    graph["r"] = node("Reroute", value=["p", 1])
    assert texts_of(graph, POSITIVE, "positive") == ["p"]
