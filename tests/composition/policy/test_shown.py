import pytest

from comfy_gen.composition.policy.shown import all_texts, texts_of


def node(kind, **inputs):
    return {"class_type": kind, "inputs": inputs}


def graph(**changes):
    """A picture in the usual way, with some nodes more or others."""
    nodes = {
        "model": node("CheckpointLoaderSimple", ckpt_name="sd_xl_base_1.0.safetensors"),
        "yes": node("CLIPTextEncode", text="wanted", clip=["model", 1]),
        "no": node("CLIPTextEncode", text="unwanted", clip=["model", 1]),
        "sampler": node(
            "KSampler", positive=["yes", 0], negative=["no", 0], model=["model", 0], cfg=7.0, seed=1, steps=4
        ),
        "save": node("SaveImage", images=["sampler", 0], filename_prefix="pictures"),
    }
    return nodes | changes


def sampler(**inputs):
    usual = {"positive": ["yes", 0], "negative": ["no", 0], "model": ["model", 0], "cfg": 7.0, "seed": 1, "steps": 4}
    return node("KSampler", **(usual | inputs))


def test_negative_texts_and_names_of_files_are_left_out():
    assert texts_of(graph()) == ["wanted"]
    assert all_texts(graph()) == ["wanted", "unwanted"]


@pytest.mark.parametrize("cfg", [0.0, 0.5, ["unknown", 0], "7", None])
def test_negative_texts_count_where_the_sampler_may_paint_them(cfg):
    assert "unwanted" in texts_of(graph(sampler=sampler(cfg=cfg)))


def test_a_number_from_another_node_is_a_number():
    linked = graph(sampler=sampler(cfg=["number", 0]), number=node("PrimitiveFloat", value=5.0))
    assert texts_of(linked) == ["wanted"]


def test_a_text_that_is_used_on_both_sides_counts():
    assert texts_of(graph(sampler=sampler(negative=["yes", 0]))) == ["wanted", "unwanted"]


def test_a_negative_text_that_goes_elsewhere_too_counts():
    assert "unwanted" in texts_of(graph(other=node("SomebodysSampler", conditioning=["no", 0])))
    assert "unwanted" in texts_of(graph(second=sampler(positive=["no", 0], negative=["yes", 0])))


def test_a_text_that_goes_nowhere_counts():
    assert "loose" in texts_of(graph(loose=node("PrimitiveString", value="loose")))


def test_texts_behind_the_negative_encoder_are_left_out():
    behind = graph(
        no=node("CLIPTextEncode", text=["joined", 0], clip=["model", 1]),
        joined=node("StringConcatenate", string_a="one", string_b=["more", 0], delimiter=","),
        more=node("PrimitiveString", value="two"),
    )
    assert texts_of(behind) == ["wanted"]


def test_texts_behind_both_encoders_count():
    both = graph(
        yes=node("CLIPTextEncode", text=["shared", 0], clip=["model", 1]),
        no=node("CLIPTextEncode", text=["shared", 0], clip=["model", 1]),
        shared=node("PrimitiveString", value="shared"),
    )
    assert texts_of(both) == ["shared"]


def test_pairs_that_are_passed_on_are_followed():
    control = node("ControlNetApplyAdvanced", positive=["yes", 0], negative=["no", 0], strength=1.0)
    straight = graph(control=control, sampler=sampler(positive=["control", 0], negative=["control", 1]))
    crossed = graph(control=control, sampler=sampler(positive=["control", 1], negative=["control", 0]))
    assert texts_of(straight) == ["wanted"]
    assert "unwanted" in texts_of(crossed)


def test_a_guider_is_looked_through():
    advanced = node("SamplerCustomAdvanced", guider=["guider", 0], sigmas=["sigmas", 0], noise=["noise", 0])
    strong, weak = (node("CFGGuider", positive=["yes", 0], negative=["no", 0], cfg=cfg) for cfg in (4.0, 0.2))
    assert texts_of(graph(sampler=advanced, guider=strong)) == ["wanted"]
    assert "unwanted" in texts_of(graph(sampler=advanced, guider=weak))


def test_a_loader_with_both_texts_has_one_of_each():
    loader = node("EfficientLoader", positive="wanted", negative="unwanted", ckpt_name="model.safetensors")
    both = {"loader": loader, "sampler": sampler(positive=["loader", 1], negative=["loader", 2])}
    assert texts_of(both) == ["wanted"]


def test_texts_inside_lists_and_objects_count():
    nested = graph(rows=node("SomebodysPrompts", rows=[{"on": True, "text": "deep"}, ["deeper", ["deepest"]]]))
    assert {"deep", "deeper", "deepest"} <= {*texts_of(nested)}


def test_what_looks_like_a_file_is_a_text_where_a_text_is_meant():
    named = graph(yes=node("CLIPTextEncode", text="wanted.png", clip=["model", 1]))
    assert texts_of(named) == ["wanted.png"]


def test_pictures_written_as_text_are_left_out():
    assert texts_of(graph(loaded=node("LoadImageBase64", image="iVBORw0KGgo" * 500))) == ["wanted"]


@pytest.mark.parametrize("name", ["text", "value", "image_prompt"])
def test_words_with_something_else_than_blanks_between_them_count_however_many(name: str):
    words = "wanted_words_" * 500
    assert texts_of(graph(long=node("SomebodysText", **{name: words}))) == ["wanted", words]


def test_a_graph_without_samplers_has_texts():
    assert texts_of({"1": node("SomebodysPainter", prompt="wanted", negative="unwanted")}) == ["wanted", "unwanted"]
