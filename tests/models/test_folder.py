from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comfy_gen.errors import InvalidParameterError, OutputPathError
from comfy_gen.models.folder import ModelFolder, folder_name


@pytest.fixture
def folder(tmp_path):
    return ModelFolder(tmp_path / "models")


def put(folder, *names):
    for name in names:
        path = folder.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")


def listed(folder):
    return [f"{model.folder}/{model.file}" for model in folder.files()]


def test_folder_that_is_not_there_has_no_models(folder):
    assert folder.files() == []


def test_models_are_listed_with_their_folders_and_sizes(folder):
    put(folder, "vae/b.SAFETENSORS", "loras/styles/a b.gguf", "checkpoints/c.ckpt")
    assert listed(folder) == ["checkpoints/c.ckpt", "loras/styles/a b.gguf", "vae/b.SAFETENSORS"]
    assert {model.size for model in folder.files()} == {5}
    assert folder.files()[0].path == folder.root / "checkpoints" / "c.ckpt"


def test_what_is_no_model_is_left_out(folder):
    put(folder, "vae/put_vae_here", "vae/.part-12", "vae/.part-12.json", "vae/.hidden.safetensors", "vae/notes.txt",
        "configs/v1.yaml", ".cache/a.safetensors", "loose.safetensors")  # fmt: skip
    assert listed(folder) == []


def test_former_folders_count_as_what_they_are_called_today(folder):
    put(folder, "unet/a.safetensors", "diffusion_models/b.safetensors", "clip/c.safetensors")
    assert listed(folder) == [
        "diffusion_models/a.safetensors",
        "diffusion_models/b.safetensors",
        "text_encoders/c.safetensors",
    ]
    assert folder_name("clip") == "text_encoders"
    assert folder.place("diffusion_models", "a.safetensors") == folder.root / "unet" / "a.safetensors"
    assert folder.place("unet", "new.safetensors") == folder.root / "diffusion_models" / "new.safetensors"


def test_model_that_lies_in_both_folders_is_listed_once(folder):
    put(folder, "unet/a.safetensors", "diffusion_models/a.safetensors")
    assert [model.path.parent.name for model in folder.files()] == ["diffusion_models"]
    assert folder.place("unet", "a.safetensors").parent.name == "diffusion_models"


def test_links_are_followed_and_circles_have_an_end(folder, tmp_path):
    elsewhere = ModelFolder(tmp_path / "disk")
    put(elsewhere, "big/a.safetensors")
    put(folder, "loras/b.safetensors")
    (folder.root / "loras" / "big").symlink_to(tmp_path / "disk" / "big")
    (folder.root / "loras" / "circle").symlink_to(folder.root / "loras")
    (folder.root / "loras" / "lost.safetensors").symlink_to(tmp_path / "nowhere")
    (folder.root / "vae").symlink_to(tmp_path / "disk" / "big")
    assert listed(folder) == ["loras/b.safetensors", "loras/big/a.safetensors", "vae/a.safetensors"]


def test_depth_has_an_end(folder):
    put(folder, "/".join(["loras", *"abcdefg", "x.pt"]), "/".join(["loras", *"abcdefgh", "y.pt"]))
    assert listed(folder) == ["loras/a/b/c/d/e/f/g/x.pt"]


def test_file_is_found_by_its_name(folder):
    put(folder, "vae/a.safetensors")
    found = folder.find("vae", "a.safetensors")
    assert found is not None
    assert (found.folder, found.file, found.size) == ("vae", "a.safetensors", 5)
    assert folder.find("vae", "b.safetensors") is None


@pytest.mark.parametrize("file", ["../a", "/etc/passwd", "a/../../b", "", ".", "..", "a//b", "a/", "a\\b", "a\0b",
    "a\nb", ".hidden", "sub/.part-1", "a" * 256, "é" * 128, "\ud800"])  # fmt: skip
def test_names_that_lead_out_or_are_none_are_refused(folder, file):
    with pytest.raises(InvalidParameterError, match="file is"):
        folder.place("vae", file)


@pytest.mark.parametrize("name", ["", "..", ".", "a/b", "/etc", "-x", ".git", "a b", "a\n"])
def test_folders_that_lead_out_are_refused(folder, name):
    with pytest.raises(InvalidParameterError, match="folder is"):
        folder.place(name, "a.safetensors")


@given(st.text(), st.text(alphabet="ab./\\ -"))
def test_no_name_leads_out(folder_text, file):
    folder = ModelFolder(__import__("pathlib").Path("/models"))
    for name in (folder_text, "vae"):
        try:
            place = folder.place(name, file)
        except InvalidParameterError:
            continue
        assert place.resolve().is_relative_to("/models")


def test_removed_model_is_gone_and_says_what_it_took(folder):
    put(folder, "vae/a.safetensors")
    assert folder.remove("vae", "a.safetensors") == 5
    assert listed(folder) == []


def test_only_the_link_to_a_model_is_removed(folder, tmp_path):
    kept = tmp_path / "kept.safetensors"
    kept.write_bytes(b"12345")
    put(folder, "vae/b.safetensors")
    (folder.root / "vae" / "a.safetensors").symlink_to(kept)
    assert folder.remove("vae", "a.safetensors") == 0
    assert kept.exists()


def test_model_that_is_not_there_cannot_be_removed(folder):
    with pytest.raises(InvalidParameterError, match="a model that is here"):
        folder.remove("vae", "god.safetensors")


@pytest.mark.parametrize(("former", "today"), [("clip", "text_encoders"), ("unet", "diffusion_models")])
def test_of_two_files_with_a_name_the_same_is_listed_found_and_removed(folder, former, today):
    for place in (former, today):
        put(folder, f"{place}/a.safetensors")
    [listed_one] = folder.files()
    assert listed_one.path == folder.find(today, "a.safetensors").path == folder.root / today / "a.safetensors"
    folder.remove(listed_one.folder, listed_one.file)
    assert not listed_one.path.exists()


def test_what_is_no_file_is_no_model(folder):
    put(folder, "vae/a.safetensors")
    os.mkfifo(folder.root / "vae" / "b.safetensors")
    assert [one.file for one in folder.files()] == ["a.safetensors"]


def test_root_that_is_no_folder_is_told(tmp_path):
    (tmp_path / "models").touch()
    with pytest.raises(OutputPathError):
        ModelFolder(tmp_path / "models").files()
