from __future__ import annotations

from typing import Any

import pytest

from comfy_gen.sandbox import catalog, nodes
from comfy_gen.sandbox.options import DEFAULT_MODELS


@pytest.fixture(scope="module")
def ours() -> dict[str, Any]:
    return catalog.object_info({"checkpoints": ["a.ckpt"], "vae": ["v.safetensors"]}, ["in.png"])


def without_files(spec: list[Any]) -> list[Any]:
    """A list of files, whatever is in it, reads `files`."""
    kind, *options = spec
    if isinstance(kind, list) and "euler" not in kind and "normal" not in kind:
        kind = "files" if any("." in str(name) for name in kind) or not kind else kind
    return [kind, *({k: v for k, v in o.items() if k not in {"tooltip", "options"}} for o in options)]


def test_every_class_that_is_told_of_can_run(ours: dict[str, Any]):
    tables = (nodes.PURE, nodes.WORKING, nodes.TIMED)
    assert set(ours) == {name for table in tables for name in table}
    assert sum(len(table) for table in tables) == len(ours)


def test_classes_are_as_recorded_from_a_real_server(ours: dict[str, Any], object_info: dict[str, Any]):
    for name, info in ours.items():
        recorded = object_info[name]
        for fact in ("input_order", "output", "output_is_list", "output_name", "output_node", "name", "category"):
            assert info[fact] == recorded[fact], (name, fact)
        for section in ("required", "optional"):
            for key, spec in recorded["input"].get(section, {}).items():
                mine = info["input"][section][key]
                assert len(mine) == len(spec), (name, key)
                assert without_files(mine)[1:] == without_files(spec)[1:], (name, key)
                assert isinstance(mine[0], type(spec[0])), (name, key)
        assert info["input"].get("hidden", {}) == recorded["input"].get("hidden", {}), name


def test_no_text_of_comfyui_is_carried(ours: dict[str, Any]):
    assert not [name for name, info in ours.items() if info["description"]]
    assert "tooltip" not in str(ours)


def test_models_and_files_fill_the_lists(ours: dict[str, Any]):
    assert ours["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"][0] == ["a.ckpt"]
    assert ours["LoadImage"]["input"]["required"]["image"][0] == ["in.png"]
    assert ours["LoraLoader"]["input"]["required"]["lora_name"][0] == []
    assert ours["VAELoader"]["input"]["required"]["vae_name"][0] == ["v.safetensors", "pixel_space"]
    assert ours["UpscaleModelLoader"]["input"]["required"]["model_name"][1]["options"] == []


def test_default_models_are_in_folders_that_loaders_list():
    info = catalog.object_info(DEFAULT_MODELS, [])
    assert info["UNETLoader"]["input"]["required"]["unet_name"][0] == list(DEFAULT_MODELS["diffusion_models"])


def test_inputs_of_a_class_leave_the_hidden_ones_out():
    assert catalog.input_names("SaveImage") == {"images", "filename_prefix"}
    assert catalog.is_output("SaveImage")
    assert not catalog.is_output("VAEDecode")
