from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from comfy_gen.errors import ModelRegistryError, OutputPathError
from comfy_gen.models.model import Model
from comfy_gen.models.registry import FILE_NAME, Entry, Registry


def entry(file="a.safetensors", folder="loras", **known):
    model = Model(
        file=file, folder=folder, name="blobs", triggers=("blob style",), licence="mit", base="sdxl", source="hf:a/b/c"
    )
    return Entry(**{"model": model, "sha256": "ab", "size": 5, "mtime_ns": 7, "fetched_at": "2026-01-01"} | known)


@pytest.fixture
def registry(tmp_path):
    return Registry(tmp_path / "models" / FILE_NAME)


def test_nothing_is_known_before_anything_is_recorded(registry):
    assert registry.entries() == {}
    assert registry.find("loras", "a.safetensors") is None


def test_what_is_recorded_is_found(registry):
    registry.record(entry())
    registry.record(entry("sub/b.safetensors"))
    assert registry.find("loras", "a.safetensors") == entry()
    assert list(registry.entries()) == ["loras/a.safetensors", "loras/sub/b.safetensors"]


def test_newer_record_takes_the_place_of_the_older(registry):
    registry.record(entry())
    registry.record(entry(size=6))
    assert registry.entries()["loras/a.safetensors"].size == 6


def test_what_is_forgotten_is_gone(registry):
    registry.record(entry())
    registry.forget("loras", "a.safetensors")
    registry.forget("loras", "a.safetensors")
    assert registry.entries() == {}


def test_no_record_is_lost_when_many_write(registry):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda number: Registry(registry.path).record(entry(f"{number}.safetensors")), range(40)))
    assert len(registry.entries()) == 40


def test_fields_of_later_versions_are_let_be(registry):
    registry.record(entry())
    said = json.loads(registry.path.read_text())
    said["models"][0]["model"]["stars"] = 5
    said["more"] = True
    registry.path.write_text(json.dumps(said))
    assert registry.find("loras", "a.safetensors") == entry()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"models": {}, "version": 1', '{"models": [5]}', '{"models": [{"model": {"file": "a"}}]}',
     json.dumps({"models": [entry().as_json() | {"size": "5"}]}),
     json.dumps({"models": [entry().as_json() | {"sha256": None}]}),
     json.dumps({"models": [entry().as_json() | {"model": entry().model.as_json() | {"licence": 5}}]}),
     json.dumps({"models": [entry().as_json() | {"model": entry().model.as_json() | {"triggers": [5]}}]})],
)  # fmt: skip
def test_damaged_list_is_told_and_not_written_over(registry, text):
    registry.path.parent.mkdir()
    registry.path.write_text(text)
    with pytest.raises(ModelRegistryError, match="damaged"):
        registry.record(entry())
    assert registry.path.read_text() == text


def test_list_that_is_no_text_is_told(registry):
    registry.path.parent.mkdir()
    registry.path.write_bytes(b"\xff\xfe")
    with pytest.raises(ModelRegistryError):
        registry.entries()
    registry.path.unlink()
    registry.path.mkdir()
    with pytest.raises(ModelRegistryError, match="directory"):
        registry.entries()


def test_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputPathError):
        Registry(tmp_path / "file" / FILE_NAME).record(entry())


def test_others_may_read_it(registry):
    registry.record(entry())
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(registry.path.stat().st_mode) == 0o666 & ~mask
