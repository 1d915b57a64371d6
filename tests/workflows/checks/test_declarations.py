from __future__ import annotations

import pytest

from comfy_gen.workflows.checks.declarations import Declarations, Input


@pytest.fixture
def declarations(object_info):
    return Declarations(object_info)


def declared(type_, **options):
    return Input("x", type_, options, required=True)


def test_recorded_classes_are_known_and_others_not(declarations):
    assert "KSampler" in declarations
    assert "ksampler" not in declarations
    assert len(declarations.names()) == 415


def test_only_classes_marked_so_are_outputs(declarations):
    assert declarations.is_output("SaveImage")
    assert not declarations.is_output("VAEDecode")
    assert not Declarations({"X": {}}).is_output("X")


def test_inputs_come_required_first_and_without_the_hidden(declarations):
    inputs = list(declarations.inputs("VAEDecodeTiled"))
    assert [one.name for one in inputs][:2] == ["samples", "vae"]
    assert [one.name for one in declarations.inputs("SaveImage")] == ["images", "filename_prefix"]
    assert [one.required for one in declarations.inputs("ConditioningSetProperties")] == [True] * 3 + [False] * 3


def test_input_without_options_has_none(declarations):
    channel = next(one for one in declarations.inputs("LoadImageMask") if one.name == "channel")
    assert channel.config == [["alpha", "red", "green", "blue"], {}]


def test_class_without_inputs_has_none():
    assert list(Declarations({"X": {"input": {}}}).inputs("X")) == []


def test_choices_are_declared_in_two_ways():
    assert declared(["a"]).choices == ["a"]
    assert declared("COMBO", options=["b"]).choices == ["b"]
    assert declared("COMBO", remote={}).choices is None
    assert declared("INT", options=["b"]).choices is None
    assert [declared("COMBO").is_combo, declared(["a"]).is_combo] == [True, False]


def test_upload_inputs_are_told_by_their_option():
    assert declared(["a"], image_upload=True).is_upload
    assert not declared(["a"], default="a").is_upload


def test_outputs_have_the_sequence_type_of_the_class(declarations):
    assert declarations.outputs("CheckpointLoaderSimple") == ("MODEL", "CLIP", "VAE")
    assert declarations.outputs("StringConcatenate") == ["STRING"]


def test_only_some_inputs_are_looked_for_as_files(declarations):
    check = declarations.file_check("LoadImageMask", "image")
    assert check
    assert (check.kind, check.checker) == ("image", "LoadImageMask.VALIDATE_INPUTS()")
    assert declarations.file_check("LoadImageMask", "channel") is None
    assert declarations.file_check("KSampler", "image") is None


def test_classes_of_custom_nodes_are_told_from_comfyuis_own():
    declarations = Declarations(
        {"Own": {"python_module": "comfy_extras.nodes_mask"}, "Custom": {"python_module": "custom_nodes.a"}}
    )
    assert [declarations.is_custom(name) for name in ("Own", "Custom", "Unknown")] == [False, True, False]


@pytest.mark.parametrize(
    ("type_", "is_dynamic"),
    [("COMFY_AUTOGROW_V3", True), ("COMFY_MATCHTYPE_V3", False), ("INT", False), (["a"], False)],
)
def test_inputs_that_become_others_are_dynamic(type_, is_dynamic):
    assert declared(type_).is_dynamic is is_dynamic
