"""Presets, on both databases."""

from __future__ import annotations

import pytest

from comfy_gen.errors import InvalidParameterError, PresetNotFoundError
from comfy_gen.library.presets import Presets

VALUES = {"steps": 30, "cfg": 6, "loras": [{"name": "ink.safetensors"}], "categories": ["portrait"]}
KEPT = VALUES | {"loras": [{"name": "ink.safetensors", "strength": 1.0}]}


@pytest.fixture
def presets(desk):
    """The presets of a store."""
    return Presets(desk.store.transactions)


async def test_saved_preset_is_found_again(presets):
    made = await presets.save("ann", "mine", VALUES, "For posters", now=1.0)
    assert (made.name, made.owner, made.description, made.created, made.updated) == (
        "mine",
        "ann",
        "For posters",
        1.0,
        1.0,
    )
    assert made.values == KEPT
    assert await presets.get("ann", "mine") == made
    assert await presets.list("ann") == [made]


async def test_each_owner_has_their_own(presets):
    for owner in ("ann", "bob"):
        await presets.save(owner, "mine", {"steps": len(owner)}, now=1.0)
    await presets.save("bob", "a", {"steps": 1}, now=1.0)
    assert [one.name for one in await presets.list("bob")] == ["a", "mine"]
    assert len(await presets.list()) == 3
    await presets.delete("bob", "mine")
    assert (await presets.get("ann", "mine")).values == {"steps": 3}


async def test_preset_is_replaced_if_that_is_said(presets):
    await presets.save("ann", "mine", {"steps": 1}, now=1.0)
    with pytest.raises(InvalidParameterError, match="no preset has yet"):
        await presets.save("ann", "mine", {"cfg": 2.0}, now=2.0)
    replaced = await presets.save("ann", "mine", {"cfg": 2.0}, "new", now=2.0, may_replace=True)
    assert (replaced.values, replaced.description, replaced.created, replaced.updated) == (
        {"cfg": 2.0},
        "new",
        1.0,
        2.0,
    )


async def test_missing_preset_names_the_nearest(presets):
    await presets.save("ann", "posters", {"steps": 1}, now=1.0)
    with pytest.raises(PresetNotFoundError) as caught:
        await presets.get("ann", "poster")
    assert caught.value.nearest[0] == "posters"
    with pytest.raises(PresetNotFoundError) as caught:
        await presets.delete("bob", "drafts")
    assert caught.value.nearest[0] == "draft"


@pytest.mark.parametrize("name", ["", "\0", "\ud800", "%"])
async def test_what_can_be_no_name_is_not_there(presets, name):
    with pytest.raises(PresetNotFoundError):
        await presets.get("ann", name)
    with pytest.raises(PresetNotFoundError):
        await presets.delete("ann", name)


@pytest.mark.parametrize("name", ["", "A", "-a", "_a", "a b", "a" * 49, "ä", "draft", "balanced", "high-quality"])
async def test_what_is_no_name_is_refused(presets, name):
    with pytest.raises(InvalidParameterError, match="name"):
        await presets.save("ann", name, {"steps": 1}, now=1.0)


async def test_description_has_a_bound(presets):
    with pytest.raises(InvalidParameterError, match="description"):
        await presets.save("ann", "mine", {"steps": 1}, "x" * 1001, now=1.0)


async def test_values_that_cannot_work_are_not_kept(presets):
    with pytest.raises(InvalidParameterError, match="steps"):
        await presets.save("ann", "mine", {"steps": 0}, now=1.0)
    assert await presets.list() == []


async def test_nobody_has_more_than_can_be_listed(presets, monkeypatch):
    monkeypatch.setattr("comfy_gen.library.presets.MOST", 2)
    for name in ("a", "b"):
        await presets.save("ann", name, {"steps": 1}, now=1.0)
    with pytest.raises(InvalidParameterError, match="as many as anybody may have"):
        await presets.save("ann", "c", {"steps": 1}, now=1.0)
    await presets.save("ann", "b", {"steps": 2}, now=1.0, may_replace=True)
    await presets.save("bob", "c", {"steps": 1}, now=1.0)
