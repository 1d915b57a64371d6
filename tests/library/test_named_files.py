"""Files by names, on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from comfy_gen.errors import ArtifactNotFoundError, InvalidParameterError
from comfy_gen.library.named_files import NamedFile, NamedFiles

CAT = NamedFile(owner="ann", place="input", path="cat.png", key="uploads/1.png", size=10, created=1.0, updated=1.0)
DOG = replace(CAT, key="uploads/2.png", size=20, created=2.0, updated=2.0)


@pytest.fixture
def files(desk):
    """The named files of a store."""
    return NamedFiles(desk.store.transactions)


async def test_file_is_found_by_its_name_by_its_owner_alone_and_at_its_place(files):
    assert await files.put(CAT) is None
    assert await files.find("ann", "input", "cat.png") == CAT
    assert await files.list("ann", "input") == [CAT]
    for owner, place in (("bob", "input"), ("ann", "output")):
        assert await files.find(owner, place, "cat.png") is None
        assert await files.list(owner, place) == []


async def test_file_that_is_put_takes_the_place_of_the_one_that_had_its_name(files):
    await files.put(CAT)
    assert await files.put(DOG) == CAT
    assert await files.list("ann", "input") == [replace(DOG, created=1.0)]


async def test_file_that_is_added_gets_the_first_name_that_is_free_or_is_its_own(files):
    names = ("cat.png", "cat (1).png")
    assert await files.add(CAT, names) == CAT
    assert await files.add(replace(CAT, updated=9.0), names) == CAT
    assert await files.add(DOG, names) == replace(DOG, path="cat (1).png")
    assert await files.add(replace(DOG, key="uploads/3.png"), names) is None


async def test_file_is_swapped_only_for_the_one_that_was_there_before(files):
    assert await files.swap(CAT, None)
    assert not await files.swap(DOG, None)
    assert await files.swap(DOG, CAT)
    assert not await files.swap(CAT, CAT)


async def test_file_is_moved_over_another_only_if_that_is_said(files):
    await files.put(CAT)
    await files.put(replace(DOG, path="dog.png"))
    assert await files.move(CAT, "dog.png", may_replace=False) is None
    assert await files.move(CAT, "dog.png", may_replace=True) == (
        replace(CAT, path="dog.png"),
        replace(DOG, path="dog.png"),
    )
    assert [one.path for one in await files.list("ann", "input")] == ["dog.png"]
    with pytest.raises(ArtifactNotFoundError):
        await files.move(CAT, "other.png", may_replace=True)


async def test_file_that_is_moved_to_its_own_name_stays(files):
    await files.put(CAT)
    assert await files.move(CAT, "cat.png", may_replace=True) == (CAT, None)
    assert await files.list("ann", "input") == [CAT]


async def test_name_is_forgotten_once(files):
    await files.put(CAT)
    assert await files.remove("ann", "input", "cat.png") == CAT
    assert await files.remove("ann", "input", "cat.png") is None


@pytest.mark.parametrize("path", ["", "/cat.png", "a//b", "../cat.png", "a/..", "./a", "a\nb", "\ud800", "x" * 401])
async def test_name_that_leads_elsewhere_is_refused(files, path):
    with pytest.raises(InvalidParameterError):
        await files.put(replace(CAT, path=path))
    with pytest.raises(InvalidParameterError):
        await files.add(CAT, [path])


async def test_nobody_has_more_files_than_can_be_listed(desk):
    files = NamedFiles(desk.store.transactions, most=1)
    await files.put(CAT)
    await files.put(DOG)
    with pytest.raises(InvalidParameterError, match="as many as anybody may have"):
        await files.add(CAT, ["other.png"])
    await files.put(replace(CAT, owner="bob"))
