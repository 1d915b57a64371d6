from dataclasses import replace

import pytest

from comfy_gen.errors import ArtifactGoneError, StorageError
from comfy_gen.pipeline.artifact import Artifact
from comfy_gen.pipeline.copies import LONGEST_NAME, copied, copy_keys
from comfy_gen.storage.local import LocalStore
from comfy_gen.storage.store import check_key

ID = "3f2a91c0-0000-4000-8000-000000000000"
BLANK = Artifact("a", ID, "9", "image", "x.png", "image/png", 1, "", None, None, "k", None)


class Bucket:
    """A bucket that fails as often as it is told."""

    def __init__(self, *failures):
        self.files = {}
        self.failures = list(failures)

    async def put(self, key, chunks):
        content = b"".join([chunk async for chunk in chunks])
        if self.failures:
            raise self.failures.pop(0)
        self.files[key] = content

    async def url(self, key, *, seconds, filename):
        return f"https://bucket/{key}?for={seconds:.0f}&as={filename}"


TROUBLE = StorageError("x", "away")
REFUSAL = StorageError("x", "AccessDenied", is_refused=True)


@pytest.fixture
async def source(tmp_path):
    async def content():
        yield b"a fox"

    store = await LocalStore.open(tmp_path)
    await store.put("k", content())
    return store


async def copy(source, target, *artifacts):
    return [one async for one in copied(artifacts, source=source, target=target, delays=(0.0, 0.0))]


async def test_copy_has_an_address_of_seven_days(source):
    target = Bucket()
    (made,) = await copy(source, target, BLANK)
    assert target.files == {f"{ID}/x.png": b"a fox"}
    assert made == replace(BLANK, url=f"https://bucket/{ID}/x.png?for=604800&as=x.png")


async def test_trouble_is_outlasted(source):
    target = Bucket(TROUBLE, TROUBLE)
    assert len(await copy(source, target, BLANK)) == 1
    assert target.files


async def test_trouble_that_lasts_is_told(source):
    target = Bucket(TROUBLE, TROUBLE, TROUBLE)
    with pytest.raises(StorageError, match="away"):
        await copy(source, target, BLANK)
    assert target.failures == []


async def test_refusal_is_told_at_once(source):
    target = Bucket(REFUSAL, TROUBLE)
    with pytest.raises(StorageError, match="AccessDenied"):
        await copy(source, target, BLANK)
    assert target.failures == [TROUBLE]


async def test_what_was_copied_before_a_failure_is_known(source):
    copies = copied([BLANK, replace(BLANK, key="gone")], source=source, target=Bucket(), delays=())
    assert (await anext(copies)).url
    with pytest.raises(ArtifactGoneError):
        await anext(copies)


def test_keys_are_each_once_and_lead_nowhere_else():
    given = ["x.png", "x.png", "x-2.png", "../../etc/passwd", "C:\\y z.png", ".hidden", "\0", "füchse.png", "a" * 300]
    keys = copy_keys([replace(BLANK, filename=name) for name in given])
    names = [key.removeprefix(f"{ID}/") for key in keys]
    assert names[:8] == [
        "x.png", "x-2.png", "x-2-2.png", "passwd", "y-z.png", "hidden", "image", "f-chse.png",
    ]  # fmt: skip
    assert len(names[8]) == LONGEST_NAME
    assert [check_key(key) for key in keys] == keys


def test_long_names_that_begin_alike_are_told_apart():
    keys = copy_keys([replace(BLANK, filename="a" * 300 + ".png")] * 12)
    assert len(set(keys)) == 12
    assert all(check_key(key).endswith(".png") for key in keys)
