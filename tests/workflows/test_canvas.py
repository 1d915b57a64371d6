from comfy_gen.workflows.canvas import enlargements, picture_chain, size_slots, starts_empty
from comfy_gen.workflows.passes import sampling_passes
from comfy_gen.workflows.slots import Slot
from tests.workflows.samples import custom, inpainting, node, plain, two_passes


def sizes(graph):
    return size_slots(graph, sampling_passes(graph))


def both(node_id):
    return Slot(node_id, "width"), Slot(node_id, "height")


def test_chain_leads_to_the_canvas_and_not_into_models_or_texts():
    graph = plain()
    assert picture_chain(graph, sampling_passes(graph)[0]) == ["44"]


def test_chain_ends_at_an_earlier_pass():
    graph = two_passes()
    assert picture_chain(graph, sampling_passes(graph)[1]) == ["50", "40"]


def test_chain_ends_on_circles_and_missing_nodes():
    graph = plain(latent_image=["80", 0])
    graph["80"] = node("LatentAdd", samples1=["80", 0], samples2=["gone", 0])
    assert picture_chain(graph, sampling_passes(graph)[0]) == ["80"]


def test_pass_from_a_canvas_starts_empty_and_one_from_a_picture_or_a_pass_does_not():
    graph = two_passes()
    assert [starts_empty(graph, one) for one in sampling_passes(graph)] == [True, False]
    graph = inpainting()
    assert [starts_empty(graph, one) for one in sampling_passes(graph)] == [False]


def test_pass_of_which_nothing_is_known_does_not_start_empty():
    graph = {"1": node("KSampler", steps=3)}
    assert not starts_empty(graph, sampling_passes(graph)[0])


def test_size_is_the_canvas_s():
    assert sizes(plain()) == [both("44")]


def test_size_of_a_scaled_picture_is_the_scaling_s():
    graph = inpainting()
    graph["61"]["inputs"]["pixels"] = ["62", 0]
    graph["62"] = node("ImageScale", image=["60", 0], width=512, height=512, crop="center")
    assert sizes(graph) == [both("62")]


def test_what_repeats_the_size_follows_it():
    graph = custom()
    assert sizes(graph) == [both("canvas"), both("shift")]


def test_two_text_encoder_s_sizes_follow_where_they_are_the_same():
    graph = plain()
    target = {"target_width": 512, "target_height": 768}
    graph["42"] = node("CLIPTextEncodeSDXL", text_g="a", text_l="a", width=1024, height=1024, **target)
    assert sizes(graph) == [both("44"), (Slot("42", "target_width"), Slot("42", "target_height"))]


def test_second_pass_does_not_set_the_size():
    graph = two_passes()
    assert sizes(graph) == [both("44")]
    assert enlargements(graph, sampling_passes(graph)) == [both("50")]


def test_sizes_in_primitive_nodes_are_found_there():
    graph = plain()
    graph["44"]["inputs"] |= {"width": ["w", 0], "height": ["h", 0]}
    graph |= {"w": node("PrimitiveInt", value=512), "h": node("PrimitiveInt", value=768)}
    assert sizes(graph) == [(Slot("w", "value"), Slot("h", "value"))]


def test_number_that_serves_for_both_sides_is_not_set_for_each():
    graph = plain()
    graph["44"]["inputs"] |= {"width": ["w", 0], "height": ["w", 0]}
    graph["w"] = node("PrimitiveInt", value=512)
    assert sizes(graph) == [both("44")]


def test_graph_without_canvas_has_no_size():
    assert sizes(inpainting()) == []
