from comfy_gen.workflows.models import ModelUse, folder_of, missing_models, models_of


def loader(class_type, **inputs):
    return {"class_type": class_type, "inputs": inputs}


def test_every_loader_gives_folder_and_place():
    workflow = {
        "1": loader("DualCLIPLoader", clip_name1="t5.safetensors", clip_name2="clip_l.safetensors", type="flux"),
        "2": loader("LoraLoader", lora_name="ink.safetensors", model=["3", 0]),
        "3": loader("UNETLoader", unet_name="flux.safetensors"),
    }
    assert models_of(workflow) == [
        ModelUse("text_encoders", "t5.safetensors", "1", "clip_name1"),
        ModelUse("text_encoders", "clip_l.safetensors", "1", "clip_name2"),
        ModelUse("loras", "ink.safetensors", "2", "lora_name"),
        ModelUse("diffusion_models", "flux.safetensors", "3", "unet_name"),
    ]


def test_loaders_with_ambiguous_inputs_are_told_apart_by_class():
    assert folder_of("CLIPVisionLoader", "clip_name") == "clip_vision"
    assert folder_of("CLIPLoader", "clip_name") == "text_encoders"
    assert folder_of("UpscaleModelLoader", "model_name") == "upscale_models"
    assert not folder_of("SomethingElse", "model_name")


def test_name_that_comes_by_a_link_is_no_use():
    assert models_of({"1": loader("CheckpointLoaderSimple", ckpt_name=["2", 0])}) == []


def test_missing_is_what_a_known_folder_lacks():
    workflow = {
        "1": loader("CheckpointLoaderSimple", ckpt_name="gone.safetensors"),
        "2": loader("LoraLoader", lora_name="unknown-folder.safetensors"),
        "3": loader("VAELoader", vae_name="there.safetensors"),
    }
    available = {"checkpoints": ["other.safetensors"], "vae": ["there.safetensors"]}
    assert [use.name for use in missing_models(workflow, available)] == ["gone.safetensors"]


def test_either_slash_and_built_in_names_are_there():
    workflow = {
        "1": loader("LoraLoader", lora_name="styles/ink.safetensors"),
        "2": loader("VAELoader", vae_name="taesd"),
    }
    assert missing_models(workflow, {"loras": ["styles\\ink.safetensors"], "vae": []}) == []
