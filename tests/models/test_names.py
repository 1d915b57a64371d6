import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.models.names import LONGEST, family_said, folder_in, is_weights, own_name, plain_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a.safetensors", "a.safetensors"),
        ("a/b/c.ckpt", "c.ckpt"),
        ("..\\..\\c.ckpt", "c.ckpt"),
        ("../..", ""),
        (".hidden.ckpt", "hidden.ckpt"),
        ("c:d|e?.ckpt", "cde.ckpt"),
        ("NUL.ckpt", ""),
        ("a\u202eb.ckpt", ""),
        ("", ""),
    ],
)
def test_names_of_strangers_become_plain(text, name):
    assert plain_name(text) == name


def test_long_name_keeps_its_ending():
    name = plain_name("ä" * 300 + ".safetensors")
    assert name.endswith("ä.safetensors")
    assert len(name.encode()) <= LONGEST


def test_name_that_is_all_ending_is_cut():
    assert plain_name("a." + "x" * 300) == "a." + "x" * (LONGEST - 2)


@given(st.text())
def test_plain_name_is_never_a_path(text):
    name = plain_name(text)
    assert not set(name) & set('/\\:\x00"')
    assert name not in (".", "..")
    assert len(name.encode()) <= LONGEST


def test_name_that_hundreds_have_gets_its_repositorys():
    assert own_name("unet/diffusion_pytorch_model.fp16.safetensors", "maker/common") == "common.fp16.safetensors"
    assert own_name("vae/my_model.safetensors", "maker/common") == "my_model.safetensors"


def test_weights_are_told_by_their_ending():
    assert is_weights("A.SAFETENSORS")
    assert not is_weights("README.md")


@pytest.mark.parametrize(
    ("path", "tags", "folder"),
    [
        ("split_files/vae/x.safetensors", [], "vae"),
        ("unet/x.safetensors", ["lora"], "diffusion_models"),
        ("x.safetensors", ["LoRA"], "loras"),
        ("vae.safetensors", [], ""),
    ],
)
def test_folder_is_told_by_path_and_tags(path, tags, folder):
    assert folder_in(path, tags) == folder


def test_family_is_the_first_that_is_told():
    assert family_said(["nothing", "SD 1.5", "SDXL"]) == "sd15"
    assert family_said([]) == ""
