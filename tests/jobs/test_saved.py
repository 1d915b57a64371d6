"""Workflows that people keep, on both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from comfy_gen.errors import ForbiddenError, InvalidParameterError, WorkflowNameTakenError, WorkflowNotFoundError
from comfy_gen.jobs.saved import SavedWorkflows, is_name
from comfy_gen.workflows.catalogue import load_template
from comfy_gen.workflows.deriving import derive_template
from tests.workflows.samples import plain

POSTER = derive_template("draft", plain())


@pytest.fixture
def saved(desk):
    """The workflows of a store."""
    return SavedWorkflows(desk.store.transactions)


async def test_what_is_saved_is_found_again(saved):
    made = await saved.save("poster", POSTER, "ann", 10.0)
    found = await saved.get("poster")
    assert found == made
    assert (found.name, found.owner, found.created, found.updated) == ("poster", "ann", 10.0, 10.0)
    assert found.template.name == "poster"
    assert (found.template.workflow, found.template.parameters) == (POSTER.workflow, POSTER.parameters)


async def test_shipped_template_keeps_all_it_has(saved):
    template = load_template("wan2.2-i2v")
    await saved.save("film", template, "", 1.0)
    found = (await saved.get("film")).template
    assert (found.as_card() | {"name": template.name}, found.workflow) == (template.as_card(), template.workflow)


async def test_text_of_any_kind_is_kept(saved):
    workflow = plain()
    workflow["42"]["inputs"]["text"] = "NUL \0, half a pair \ud800, ein Füchslein 🦊"
    await saved.save("odd", derive_template("odd", workflow), "", 1.0)
    assert (await saved.get("odd")).template.workflow == workflow


async def test_own_workflow_is_replaced_if_that_is_said(saved):
    await saved.save("poster", POSTER, "ann", 10.0)
    with pytest.raises(WorkflowNameTakenError, match="a new one"):
        await saved.save("poster", POSTER, "ann", 11.0)
    other = derive_template("x", plain(steps=5))
    replaced = await saved.save("poster", other, "ann", 12.0, may_replace=True)
    assert (replaced.created, replaced.updated) == (10.0, 12.0)
    assert await saved.get("poster") == replaced


async def test_anothers_workflow_is_not_replaced(saved):
    await saved.save("poster", POSTER, "ann", 10.0)
    with pytest.raises(WorkflowNameTakenError, match="somebody else's"):
        await saved.save("poster", POSTER, "bob", 11.0, may_replace=True)


@pytest.mark.parametrize("name", ["sd15", "img2img", "flux-dev"])
async def test_name_of_a_shipped_template_is_taken(saved, name):
    with pytest.raises(WorkflowNameTakenError, match="ships"):
        await saved.save(name, POSTER, "ann", 1.0, may_replace=True)


@pytest.mark.parametrize("name", ["", "A", "-a", ".a", "a/b", "a b", "a\n", "ä", "a" * 64, "a.json", "../a"])
async def test_what_is_no_name_is_refused(saved, name):
    assert not is_name(name)
    with pytest.raises(InvalidParameterError):
        await saved.save(name, POSTER, "ann", 1.0)
    with pytest.raises(InvalidParameterError):
        await saved.check_name(name)


async def test_list_has_the_cards_by_name(saved):
    for name in ("b", "a.1", "a" * 63):
        await saved.save(name, POSTER, "ann", 1.0)
    listed = await saved.list()
    assert [one.name for one in listed] == ["a.1", "a" * 63, "b"]
    assert all(one.template.parameters == POSTER.parameters and one.template.workflow == {} for one in listed)


async def test_unknown_name_is_answered_with_the_nearest(saved):
    await saved.save("poster", POSTER, "ann", 1.0)
    with pytest.raises(WorkflowNotFoundError) as caught:
        await saved.get("postre")
    assert caught.value.nearest == ("poster",)
    with pytest.raises(WorkflowNotFoundError):
        await saved.delete("postre")


async def test_owner_or_who_may_everything_deletes(saved):
    await saved.save("poster", POSTER, "ann", 1.0)
    with pytest.raises(ForbiddenError, match="somebody else's"):
        await saved.delete("poster", "bob")
    await saved.delete("poster", "ann")
    await saved.save("poster", POSTER, "bob", 2.0)
    await saved.delete("poster")
    assert await saved.list() == []


async def test_what_is_said_of_a_workflow_is_changed_and_its_graph_is_not(saved):
    await saved.save("poster", POSTER, "ann", 10.0)
    changed = await saved.rewrite("poster", lambda one: replace(one, title="Poster"), 12.0, "ann")
    assert (changed.template.title, changed.created, changed.updated) == ("Poster", 10.0, 12.0)
    assert await saved.get("poster") == changed
    assert changed.template.workflow == POSTER.workflow


async def test_change_of_what_was_replaced_meanwhile_is_made_anew(saved):
    await saved.save("poster", POSTER, "ann", 10.0)
    loop, seen = asyncio.get_running_loop(), []

    def change(template):
        seen.append(template.title)
        if len(seen) == 1:
            other = replace(derive_template("x", plain(steps=5)), title="Other")
            replacing = saved.save("poster", other, "ann", 11.0, may_replace=True)
            asyncio.run_coroutine_threadsafe(replacing, loop).result(5)
        return replace(template, summary="Said.")

    changed = await saved.rewrite("poster", change, 12.0)
    assert seen == [POSTER.title, "Other"]
    assert (changed.template.title, changed.template.summary) == ("Other", "Said.")
    assert await saved.get("poster") == changed


async def test_anothers_workflow_is_not_changed(saved):
    await saved.save("poster", POSTER, "ann", 10.0)
    with pytest.raises(ForbiddenError):
        await saved.rewrite("poster", lambda one: one, 12.0, "bob")
    with pytest.raises(WorkflowNotFoundError):
        await saved.rewrite("nothing", lambda one: one, 12.0)
    assert (await saved.rewrite("poster", lambda one: one, 13.0)).owner == "ann"
