from __future__ import annotations

import hashlib
import os
from dataclasses import replace

import pytest

from comfy_gen.errors import (
    DiskSpaceError,
    InvalidParameterError,
    InvalidRequestError,
    ModelIntegrityError,
    ModelReferenceError,
    ModelRegistryError,
    ModelSourceError,
    UnsafeModelError,
)
from comfy_gen.models.download import DownloadOptions
from comfy_gen.models.fetching import Fetcher
from comfy_gen.models.folder import ModelFolder
from comfy_gen.models.model import Model, Offer
from comfy_gen.models.registry import FILE_NAME, Registry
from tests.models.bad_server import WrongBytes, bad_server
from tests.models.weights import safetensors

WEIGHTS = safetensors({"a": (3, 5)})
HASH = hashlib.sha256(WEIGHTS).hexdigest()
MODEL = Model(file="a.safetensors", folder="vae", source="https://source/a", licence="mit", triggers=("blob",))
KNOWN = replace(MODEL, sha256=HASH, size=len(WEIGHTS))


class Sources:
    """Knows where everything is: on one server."""

    def __init__(self, url=""):
        self.url = url
        self.known = {}

    async def find(self, model):
        if model.file == "nowhere.safetensors":
            raise ModelSourceError("a source", "it has no such file")
        return Offer(model=self.known.get(model.file, model), url=self.url)


@pytest.fixture
def folder(tmp_path):
    return ModelFolder(tmp_path / "models")


@pytest.fixture
def registry(folder):
    return Registry(folder.root / FILE_NAME)


@pytest.fixture
def fetcher(folder, registry):
    return lambda url="", **options: Fetcher(
        folder, registry, Sources(url), DownloadOptions(allow_private=True, retries=0, **options)
    )


def put(folder, content, name="vae/a.safetensors"):
    path = folder.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


async def test_model_is_fetched_to_its_folder_and_entered(fetcher, folder, registry):
    async with bad_server(WEIGHTS) as server:
        [done] = await fetcher(server.url).fetch([MODEL])
    assert (done.path, done.is_new, done.sha256) == (folder.root / "vae" / "a.safetensors", True, HASH)
    assert done.path.read_bytes() == WEIGHTS
    entry = registry.find("vae", "a.safetensors")
    assert (entry.model.licence, entry.model.triggers, entry.sha256, entry.size) == ("mit", ("blob",), HASH, done.size)
    assert entry.fetched_at


async def test_what_is_here_is_not_fetched_again(fetcher):
    async with bad_server(WEIGHTS) as server:
        await fetcher(server.url).fetch([MODEL])
        del server.requests[:]
        [done] = await fetcher(server.url).fetch([KNOWN])
    assert (done.is_new, done.sha256, done.size) == (False, HASH, len(WEIGHTS))
    assert server.requests == []


async def test_file_that_somebody_put_there_is_hashed_and_entered(fetcher, folder, registry):
    put(folder, WEIGHTS)
    told = []
    [done] = await fetcher().fetch([KNOWN], told.append)
    assert not done.is_new
    assert [one.phase for one in told] == ["checking"]
    assert registry.find("vae", "a.safetensors").sha256 == HASH
    assert not registry.find("vae", "a.safetensors").fetched_at


async def test_login_in_a_source_is_neither_listed_nor_told(fetcher, registry):
    secret = replace(MODEL, source="https://me:secret@source/a?token=secret")
    async with bad_server(WEIGHTS) as server:
        [planned] = await fetcher(server.url).plan([secret])
        [done] = await fetcher(server.url).fetch([secret])
        [again] = await fetcher(server.url).fetch([secret])
    assert not again.is_new
    assert registry.find("vae", "a.safetensors").model.source == "https://source/a"
    assert "secret" not in f"{planned} {done} {again} {registry.path.read_text()}"


class NoSources:
    """Out of reach."""

    async def find(self, model):
        raise ModelSourceError("a source", f"it was asked for {model.file}")


@pytest.mark.parametrize("model", [KNOWN, replace(KNOWN, size=None), replace(KNOWN, source="https://elsewhere/a")])
async def test_model_that_is_here_with_its_hash_needs_no_source(fetcher, folder, registry, model):
    async with bad_server(WEIGHTS) as server:
        await fetcher(server.url).fetch([MODEL])
    [done] = await Fetcher(folder, registry, NoSources()).fetch([model])
    assert (done.is_new, done.sha256, done.size) == (False, HASH, len(WEIGHTS))


async def test_model_that_somebody_put_here_with_its_hash_needs_no_source(folder, registry):
    put(folder, WEIGHTS)
    [done] = await Fetcher(folder, registry, NoSources()).fetch([KNOWN])
    assert not done.is_new
    assert registry.find("vae", "a.safetensors").sha256 == HASH


async def test_file_that_was_written_since_is_read_again_once_and_its_source_asked(fetcher, folder, registry):
    async with bad_server(WEIGHTS) as server:
        await fetcher(server.url).fetch([MODEL])
    os.utime(put(folder, bytes(len(WEIGHTS))), ns=(1, 1))
    told = []
    with pytest.raises(ModelSourceError, match="it was asked"):
        await Fetcher(folder, registry, NoSources()).plan([KNOWN], told.append)
    assert [one.phase for one in told] == ["checking"]


@pytest.mark.parametrize("source", ["https://source/a", "https://elsewhere/a"])
async def test_name_alone_does_not_make_a_file_the_one_that_is_wanted(fetcher, folder, registry, source):
    put(folder, WEIGHTS)
    with pytest.raises(InvalidParameterError, match="is another file"):
        await fetcher().plan([replace(MODEL, source=source)])
    assert registry.entries() == {}


async def test_damaged_file_of_unknown_hash_is_not_taken_for_whole(fetcher, folder):
    async with bad_server(WEIGHTS) as server:
        await fetcher(server.url).fetch([MODEL])
        os.utime(put(folder, bytes(len(WEIGHTS))), ns=(1, 1))
        [done] = await fetcher(server.url).fetch([MODEL])
    assert done.is_new
    assert done.path.read_bytes() == WEIGHTS


async def test_two_models_that_would_be_one_file_are_refused(fetcher):
    with pytest.raises(InvalidParameterError, match="elsewhere/a both have it") as raised:
        await fetcher().plan([MODEL, replace(MODEL, source="https://elsewhere/a")])
    assert "--as" in raised.value.hint


async def test_pickle_is_refused_by_name_before_its_source_is_asked(folder, registry):
    with pytest.raises(UnsafeModelError, match="may run code"):
        await Fetcher(folder, registry, NoSources()).plan([replace(MODEL, file="b.pth")])


async def test_damaged_list_is_told_before_anything_is_fetched(folder, registry):
    put(folder, b"{", FILE_NAME)
    with pytest.raises(ModelRegistryError):
        await Fetcher(folder, registry, NoSources()).plan([MODEL])


@pytest.mark.parametrize("content", [WEIGHTS[:-1], bytes(len(WEIGHTS))])
async def test_file_of_another_is_not_replaced(fetcher, folder, registry, content):
    path = put(folder, content)
    with pytest.raises(InvalidParameterError, match="is another file") as raised:
        await fetcher().fetch([KNOWN])
    assert "comfygen models remove vae/a.safetensors" in raised.value.hint
    assert path.read_bytes() == content
    assert registry.entries() == {}


async def test_file_that_was_fetched_and_damaged_is_fetched_anew(fetcher, folder):
    async with bad_server(WEIGHTS) as server:
        await fetcher(server.url).fetch([MODEL])
        path = put(folder, bytes(len(WEIGHTS)))
        os.utime(path, ns=(1, 1))
        [done] = await fetcher(server.url).fetch([KNOWN])
    assert done.is_new
    assert path.read_bytes() == WEIGHTS


async def test_newer_version_from_the_same_source_takes_the_place_of_the_older(fetcher):
    newer = safetensors({"b": (7,)})
    async with bad_server(WEIGHTS) as server:
        await fetcher(server.url).fetch([MODEL])
        server.content = newer
        [done] = await fetcher(server.url).fetch([replace(MODEL, sha256=hashlib.sha256(newer).hexdigest())])
    assert done.path.read_bytes() == newer


async def test_models_of_former_folders_go_where_they_belong_today(fetcher, folder):
    async with bad_server(WEIGHTS) as server:
        [done] = await fetcher(server.url).fetch([replace(MODEL, folder="unet")])
        [again] = await fetcher(server.url).fetch([replace(MODEL, folder="unet")])
    assert done.path == folder.root / "diffusion_models" / "a.safetensors"
    assert not again.is_new


async def test_model_that_is_asked_for_twice_is_fetched_once(fetcher):
    async with bad_server(WEIGHTS) as server:
        done = await fetcher(server.url).fetch([MODEL, KNOWN])
    assert len(done) == 1


async def test_all_that_is_wrong_is_told_before_anything_is_fetched(fetcher, folder):
    async with bad_server(WEIGHTS) as server:
        with pytest.raises(InvalidRequestError) as raised:
            await fetcher(server.url).fetch(
                [
                    MODEL,
                    replace(MODEL, file="nowhere.safetensors"),
                    replace(MODEL, file="b.ckpt"),
                    replace(MODEL, file="b.gguf", folder=""),
                    replace(MODEL, file="../b.safetensors"),
                ]
            )
    assert raised.value.hint == "change them all; nothing was fetched."
    kinds = [type(one) for one in raised.value.errors]
    assert kinds == [ModelSourceError, UnsafeModelError, ModelReferenceError, InvalidParameterError]
    assert server.requests == []
    assert not folder.root.exists()


async def test_the_only_thing_that_is_wrong_is_told_as_it_is(fetcher):
    with pytest.raises(UnsafeModelError):
        await fetcher().plan([replace(MODEL, file="b.ckpt")])


async def test_pickle_is_planned_when_it_may_be(fetcher):
    [planned] = await fetcher(allow_pickle=True).plan([replace(MODEL, file="b.ckpt", size=9)])
    assert (planned.is_here, planned.to_fetch) == (False, 9)


async def test_folder_that_nobody_says_is_read_off_the_tensors(fetcher, folder):
    lora = safetensors({"lora_unet_x.lora_up.weight": (4,)})
    async with bad_server(lora) as server:
        [done] = await fetcher(server.url).fetch([replace(MODEL, folder="")])
    assert done.path == folder.root / "loras" / "a.safetensors"
    assert done.model.folder == "loras"


async def test_folder_that_nothing_tells_is_asked_for(fetcher):
    async with bad_server(WEIGHTS) as server:
        with pytest.raises(ModelReferenceError, match="--folder"):
            await fetcher(server.url).plan([replace(MODEL, folder="")])


async def test_room_is_looked_for_all_together(fetcher, folder):
    free = __import__("shutil").disk_usage(folder.root.parent).free
    models = [replace(MODEL, file=f"{number}.safetensors", size=int(free * 0.7)) for number in range(2)]
    with pytest.raises(DiskSpaceError):
        await fetcher().plan(models)


async def test_file_that_comes_out_wrong_is_not_entered(fetcher, folder, registry):
    async with bad_server(WEIGHTS, WrongBytes(), has_ranges=False) as server:
        with pytest.raises(ModelIntegrityError):
            await fetcher(server.url).fetch([MODEL])
    assert registry.entries() == {}
    assert folder.files() == []
