from __future__ import annotations

import hashlib
import os

import pytest

from comfy_gen.errors import InvalidParameterError, ModelRegistryError
from comfy_gen.models.folder import ModelFolder
from comfy_gen.models.registry import FILE_NAME, Registry
from comfy_gen.models.verification import missing_models, verify
from tests.models.weights import safetensors

WEIGHTS = safetensors({"conditioner.embedders.1.x": (3,), "model.diffusion_model.x": (5,)})


@pytest.fixture
def folder(tmp_path):
    return ModelFolder(tmp_path)


@pytest.fixture
def registry(folder):
    return Registry(folder.root / FILE_NAME)


def put(folder, name, content=WEIGHTS):
    path = folder.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def states(checked):
    return {f"{one.model.folder}/{one.model.file}": one.state for one in checked}


async def test_unknown_model_is_entered_and_good_from_then_on(folder, registry):
    put(folder, "checkpoints/a.safetensors")
    told = []
    [first] = await verify(folder, registry, on_progress=told.append)
    assert (first.state, first.sha256) == ("entered", hashlib.sha256(WEIGHTS).hexdigest())
    assert told[-1].done == told[-1].total == len(WEIGHTS)
    entry = registry.find("checkpoints", "a.safetensors")
    assert (entry.model.base, entry.sha256, entry.fetched_at) == ("sdxl", first.sha256, "")
    assert entry.checked_at
    assert states(await verify(folder, registry)) == {"checkpoints/a.safetensors": "good"}


async def test_bytes_that_changed_are_damage(folder, registry):
    path = put(folder, "vae/a.gguf", b"GGUF1")
    await verify(folder, registry)
    path.write_bytes(b"GGUF2")
    [found] = await verify(folder, registry)
    assert found.state == "damaged"
    assert found.reason.startswith("its SHA-256 was")
    path.write_bytes(b"GGUF")
    [found] = await verify(folder, registry)
    assert found.reason == "it has 4 bytes; when it was listed, it had 5"


async def test_file_that_its_own_header_contradicts_is_damage_and_is_not_entered(folder, registry):
    put(folder, "vae/a.safetensors", WEIGHTS[:-1])
    [found] = await verify(folder, registry)
    assert found.state == "damaged"
    assert registry.entries() == {}


async def test_model_that_is_gone_is_told(folder, registry):
    path = put(folder, "vae/a.safetensors")
    await verify(folder, registry)
    path.unlink()
    [found] = await verify(folder, registry)
    assert (found.state, found.model.path) == ("missing", path)
    assert found.reason.endswith("to forget it: comfygen models remove")
    assert [one.path for one in missing_models(folder, registry)] == [path]


async def test_pickle_is_good_and_said_to_be_one(folder, registry):
    put(folder, "vae/a.ckpt", b"\x80\x02}.")
    [found] = await verify(folder, registry)
    assert found.state == "entered"
    assert "may run code" in found.reason


async def test_file_that_was_only_touched_is_good(folder, registry):
    path = put(folder, "vae/a.safetensors")
    await verify(folder, registry)
    os.utime(path, ns=(5, 5))
    assert states(await verify(folder, registry)) == {"vae/a.safetensors": "good"}
    assert registry.find("vae", "a.safetensors").mtime_ns == 5


@pytest.mark.parametrize("name", ["vae/sub/b.safetensors", "sub/b.safetensors", "b.safetensors", "b"])
async def test_only_what_is_named_is_checked(folder, registry, name):
    put(folder, "vae/a.safetensors")
    put(folder, "vae/sub/b.safetensors")
    assert states(await verify(folder, registry, [name])) == {"vae/sub/b.safetensors": "entered"}


async def test_names_of_nothing_are_all_told_with_the_nearest(folder, registry):
    put(folder, "vae/good.safetensors")
    with pytest.raises(InvalidParameterError) as raised:
        await verify(folder, registry, ["god.safetensors", "x", "good"])
    assert [raised.value.value, *(other.value for other in raised.value.others)] == ["god.safetensors", "x"]
    assert raised.value.hint == "nearest: good.safetensors."


async def test_damaged_list_is_told_before_anything_is_read(folder, registry):
    registry.path.write_text("{")
    with pytest.raises(ModelRegistryError):
        await verify(folder, registry)
