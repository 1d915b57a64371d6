import pytest

from comfy_gen.workflows.passes import is_sampler, sampling_passes
from comfy_gen.workflows.slots import Slot
from tests.workflows.samples import custom, enlarging, experts, node, plain, two_passes

NUMBERS = (int, float)


def test_passes_come_in_the_order_in_which_they_run():
    assert [one.sampler for one in sampling_passes(two_passes())] == ["40", "39"]
    assert [one.sampler for one in sampling_passes(experts())] == ["11", "12"]


def test_graph_without_sampler_has_no_passes():
    assert sampling_passes(enlarging()) == []


def test_parts_are_the_nodes_that_tell_the_sampler_how():
    (only,) = sampling_passes(custom())
    assert only.sampler == "run"
    assert set(only.parts) == {"run", "guider", "noise", "choice", "sigmas"}


def test_parts_are_found_behind_split_sigmas_and_reroutes():
    graph = custom()
    graph["split"] = node("SplitSigmas", sigmas=["re", 0], step=10)
    graph["re"] = {"class_type": "Reroute", "inputs": {"": ["sigmas", 0]}}
    graph["run"]["inputs"]["sigmas"] = ["split", 1]
    (only,) = sampling_passes(graph)
    assert {"split", "re", "sigmas"} <= set(only.parts)


def test_parts_end_at_missing_nodes_and_circles():
    graph = {
        "1": node("SamplerCustomAdvanced", guider=["9", 0], sigmas=["2", 0]),
        "2": node("FlipSigmas", sigmas=["2", 0]),
    }
    assert sampling_passes(graph)[0].parts == ("1", "2")


@pytest.mark.parametrize(
    "custom_node",
    [
        node("KSampler (Efficient)", seed=1, steps=20, positive=["2", 0]),
        node("UltimateUpscale", noise_seed=1, steps=20, positive=["2", 0], image=["3", 0]),
        node("OddSampler", guider=["2", 0], sigmas=["3", 0]),
        node("KSampler"),
    ],
)
def test_custom_samplers_are_known_by_their_shape(custom_node):
    assert is_sampler({"1": custom_node}, "1")


@pytest.mark.parametrize(
    "other",
    [
        node("WanImageToVideo", positive=["2", 0], negative=["3", 0], length=81),
        node("Loader", positive="a fox", negative="", seed=1, steps=2),
        node("BasicScheduler", steps=20),
        node("RandomNoise", noise_seed=3),
    ],
)
def test_what_only_resembles_a_sampler_is_none(other):
    assert not is_sampler({"1": other}, "1")


def test_values_are_found_in_primitive_nodes():
    graph = plain(seed=["70", 0])
    graph["70"] = node("PrimitiveInt", value=3)
    (only,) = sampling_passes(graph)
    assert only.values(graph, NUMBERS, "seed") == [Slot("70", "value")]


def test_values_of_another_kind_are_left_out():
    graph = plain(seed="three")
    assert sampling_passes(graph)[0].values(graph, NUMBERS, "seed") == []


def test_second_expert_adds_no_noise():
    graph = experts()
    assert [one.adds_noise(graph) for one in sampling_passes(graph)] == [True, False]
