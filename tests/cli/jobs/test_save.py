from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from comfy_gen.cli.jobs.save import names_of, names_of_takes, save
from comfy_gen.errors import ArtifactGoneError, OutputPathError
from comfy_gen.jobs.job import Artifact, JobId
from comfy_gen.storage.local import LocalStore

ID = JobId("3f2a91c0-0000-4000-8000-000000000000")


def artifact(filename, content=b"", key="k"):
    digest = hashlib.sha256(content).hexdigest()
    return Artifact(
        f"id-{filename}", ID, "9", "image", filename, "image/png", len(content), digest, None, None, key, None
    )


@pytest.fixture
async def store(tmp_path):
    async def content():
        yield b"a fox"

    store = await LocalStore.open(tmp_path / "store")
    await store.put("k", content())
    return store


FOX = [artifact("x.png", b"a fox")]


def test_names_tell_the_job_and_never_leave_the_folder():
    given = ["x.png", "x.png", "../../etc/passwd", "C:\\windows\\y.png", "nul\0.txt", ""]
    assert names_of([artifact(name) for name in given]) == [
        "3f2a91c0-x.png",
        "3f2a91c0-x-2.png",
        "3f2a91c0-passwd",
        "3f2a91c0-y.png",
        "3f2a91c0-nul.txt",
        "3f2a91c0-image",
    ]


async def test_files_are_copied_into_a_folder_that_is_made(store, tmp_path):
    (path,) = await save(store, FOX, tmp_path / "new" / "out")
    assert path.read_bytes() == b"a fox"
    assert path.parent.stat().st_mode & 0o777 == tmp_path.joinpath("new").stat().st_mode & 0o777


async def test_same_file_is_not_copied_again(store, tmp_path):
    (path,) = await save(store, FOX, tmp_path / "out")
    await store.delete("k")
    assert await save(store, FOX, tmp_path / "out") == [path]


async def test_other_files_are_replaced_only_when_told(store, tmp_path):
    (path,) = await save(store, FOX, tmp_path / "out")
    path.write_bytes(b"a dog")
    with pytest.raises(OutputPathError, match="--overwrite replaces it"):
        await save(store, FOX, tmp_path / "out")
    assert path.read_bytes() == b"a dog"
    await save(store, FOX, tmp_path / "out", overwrite=True)
    assert path.read_bytes() == b"a fox"


async def test_files_that_are_gone_are_missed(store, tmp_path):
    await store.delete("k")
    with pytest.raises(ArtifactGoneError):
        await save(store, FOX, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


async def test_folder_that_cannot_be_made_is_told(store, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputPathError):
        await save(store, FOX, tmp_path / "file" / "out")


def test_names_of_several_takes_tell_them_apart():
    made = [replace(artifact(name), take=take) for take, name in ((1, "x.png"), (1, "x.png"), (2, "x.png"))]
    assert names_of_takes(made) == ["3f2a91c0-take1-x.png", "3f2a91c0-take1-x-2.png", "3f2a91c0-take2-x.png"]


async def test_files_of_every_take_are_copied(store, tmp_path):
    made = [replace(FOX[0], take=take) for take in (1, 2)]
    paths = await save(store, made, tmp_path / "out", every_take=True)
    assert [path.name for path in paths] == ["3f2a91c0-take1-x.png", "3f2a91c0-take2-x.png"]
    assert {path.read_bytes() for path in paths} == {b"a fox"}
