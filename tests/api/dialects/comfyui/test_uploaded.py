"""What a workflow calls files is found among what its sender uploaded and made."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from comfy_gen.api.dialects.comfyui.uploaded import references
from comfy_gen.app.caller import Caller, Scope
from comfy_gen.app.uploading import find, keep
from tests.api.conftest import picture_graph
from tests.api.dialects.comfyui.conftest import SERVICE
from tests.api.dialects.comfyui.pictures import png, upload

if TYPE_CHECKING:
    import httpx

    from tests.api.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

RED = png((255, 0, 0))


@pytest_asyncio.fixture(loop_scope="module")
async def caller(ada: httpx.AsyncClient) -> Caller:
    """Ada, as the application knows her."""
    owner = (await ada.get(f"{SERVICE}/session")).json()["owner"]
    return Caller(owner, frozenset({Scope.GENERATE}))


async def test_upload_is_found_by_each_way_to_write_its_name(
    desk: Served, ada: httpx.AsyncClient, caller: Caller
) -> None:
    await upload(ada, "cat.png", RED)
    await upload(ada, "cat.png", RED, subfolder="clipspace")
    await upload(ada, "cat.png", png((0, 0, 1)), type="temp")
    names = ["cat.png", "cat.png [input]", "clipspace/cat.png [input]", "./clipspace//cat.png", "cat.png [temp]"]
    found = await references(desk.service, caller, [*names, "cat.png [output]", "other.png", "../cat.png", ""])
    assert {*found} == {*names}
    assert len({*found.values()}) == 2
    assert found["cat.png"].startswith("comfygen://uploads/comfygen-")
    assert found["cat.png"] == found["clipspace/cat.png [input]"] != found["cat.png [temp]"]


async def test_nobody_elses_upload_is_found(desk: Served, ada: httpx.AsyncClient, caller: Caller) -> None:
    await upload(ada, "cat.png", RED)
    other = Caller("somebody else", frozenset({Scope.GENERATE}))
    assert not await references(desk.service, other, ["cat.png"])
    assert not await references(desk.service, caller, [])


async def test_what_no_workflow_can_work_on_is_left_to_the_engine(
    desk: Served, ada: httpx.AsyncClient, caller: Caller
) -> None:
    await upload(ada, "cat.png", b"no picture")
    assert not await references(desk.service, caller, ["cat.png"])


async def test_output_is_found_by_its_owner_while_its_job_is_there(
    desk: Served, ada: httpx.AsyncClient, caller: Caller
) -> None:
    body = {"input": {"workflow_json": picture_graph(color=5)}}
    job_id = (await ada.post(f"{SERVICE}/generate/sync", json=body)).json()["id"]
    (output,) = await desk.service.queue.store.artifacts(job_id)
    name = f"{job_id}/2/{output.filename} [output]"
    found = await references(desk.service, caller, [name, f"{job_id}/3/{output.filename} [output]"])
    assert {*found} == {name}
    assert not await references(desk.service, Caller("bob", frozenset()), [name])
    await ada.delete(f"{SERVICE}/jobs/{job_id}")
    assert not await references(desk.service, caller, [name])


async def test_output_of_nobodys_job_is_not_found(desk: Served, caller: Caller) -> None:
    assert not await references(desk.service, caller, [f"{uuid.uuid4()}/2/x.png [output]", "x.png [output]"])


async def test_upload_is_found_by_the_name_that_engines_have_it_under(desk: Served, caller: Caller) -> None:
    kept = await keep(desk.service.artifacts, caller, png((1, 2, 3)), source="x.png")
    assert await references(desk.service, caller, [kept.name]) == {kept.name: kept.reference}
    assert not await references(desk.service, Caller("bob", frozenset()), [kept.name])
    assert await find(desk.service.artifacts, caller, kept.name) == kept
