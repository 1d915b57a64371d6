"""The editor keeps a person's workflows and settings here, and nobody else gets to see them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.api.dialects.comfyui.conftest import newcomer

if TYPE_CHECKING:
    import httpx

    from tests.api.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

TEXT = {"Content-Type": "text/plain;charset=UTF-8"}
"""What a browser says of a text that a page sends."""


async def store(client: httpx.AsyncClient, path: str, content: bytes = b"{}", **query: str) -> httpx.Response:
    return await client.post(f"userdata/{quote(path, safe='')}", content=content, params=query, headers=TEXT)


async def fetch(client: httpx.AsyncClient, path: str) -> httpx.Response:
    return await client.get(f"userdata/{quote(path, safe='')}")


# --- files


@pytest.mark.parametrize("prefix", ["", "api/"])
async def test_file_is_kept_under_its_name(ada: httpx.AsyncClient, prefix: str) -> None:
    answer = await ada.post(f"{prefix}userdata/workflows%2Fa.json", content=b'{"w":1}', headers=TEXT)
    assert (answer.status_code, answer.json()) == (200, "workflows/a.json")
    found = await ada.get(f"{prefix}userdata/workflows%2Fa.json")
    assert (found.content, found.headers["content-type"]) == (b'{"w":1}', "application/json")
    assert found.headers["cache-control"] == "private, no-cache"
    known = await ada.get("userdata/workflows%2Fa.json", headers={"If-None-Match": found.headers["etag"]})
    assert known.status_code == 304


async def test_file_is_replaced_unless_it_is_said_not_to_be(desk: Served, ada: httpx.AsyncClient) -> None:
    before = set(_kept(desk))
    await store(ada, "a.json", b"1")
    assert (await store(ada, "a.json", b"2", overwrite="false")).status_code == 409
    assert (await fetch(ada, "a.json")).content == b"1"
    told = (await store(ada, "a.json", b"333", full_info="true")).json()
    assert (told["path"], told["size"]) == ("a.json", 3)
    assert told["created"] < told["modified"]
    assert (await fetch(ada, "a.json")).content == b"333"
    assert len(set(_kept(desk)) - before) == 1


def _kept(desk: Served) -> list[str]:
    """Return the files that lie in the store for the editor."""
    folder = desk.service.settings.jobs.data_dir / "artifacts" / "userdata"
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []


async def test_file_is_deleted_once(ada: httpx.AsyncClient) -> None:
    await store(ada, "a.json")
    assert [(await ada.delete("userdata/a.json")).status_code for _ in range(2)] == [204, 404]
    missing = await fetch(ada, "a.json")
    assert (missing.status_code, missing.content) == (404, b"")


async def test_file_is_moved_over_another_only_if_that_is_said(ada: httpx.AsyncClient) -> None:
    for name in ("one", "two"):
        await store(ada, f"workflows/{name}.json", name.encode())
    way = "userdata/workflows%2Fone.json/move/workflows%2Ftwo.json"
    assert (await ada.post(way, params={"overwrite": "false"})).status_code == 409
    assert (await ada.post(way)).json() == "workflows/two.json"
    assert (await fetch(ada, "workflows/two.json")).content == b"one"
    assert (await fetch(ada, "workflows/one.json")).status_code == 404
    assert (await ada.post(way)).status_code == 404
    told = await ada.post("userdata/workflows%2Ftwo.json/move/three.json", params={"full_info": "true"})
    assert told.json()["path"] == "three.json"


@pytest.mark.parametrize("name", ["../../evil.json", "/etc/passwd", "a/../../b"])
async def test_name_that_leads_out_is_refused(ada: httpx.AsyncClient, name: str) -> None:
    await store(ada, "mine.json")
    escaped = quote(name, safe="")
    for answer in (
        await store(ada, name),
        await ada.post(f"userdata/{quote(escaped, safe='')}", content=b"{}"),
        await fetch(ada, name),
        await ada.delete(f"userdata/{escaped}"),
        await ada.post(f"userdata/mine.json/move/{escaped}"),
        await ada.post(f"userdata/{escaped}/move/other.json"),
    ):
        assert (answer.status_code, answer.content) == (403, b"")


async def test_folder_is_listed_in_each_of_its_ways(ada: httpx.AsyncClient) -> None:
    for name in ("workflows/a.json", "workflows/sub/b.json", "top.json"):
        await store(ada, name)

    async def listed(**query: str) -> object:
        return (await ada.get("userdata", params=query)).json()

    assert await listed(dir="workflows") == ["a.json"]
    assert await listed(dir="workflows/", recurse="true") == ["a.json", "sub/b.json"]
    assert await listed(dir="workflows", recurse="true", split="true") == [
        ["a.json", "a.json"],
        ["sub/b.json", "sub", "b.json"],
    ]
    full = (await ada.get("userdata", params={"dir": "workflows/sub", "full_info": "true"})).json()
    assert [(one["path"], one["size"]) for one in full] == [("b.json", 2)]
    assert await listed(dir=".") == ["top.json"]


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ({"dir": "workflows"}, 404, "Directory not found"),
        ({}, 400, "Directory not provided"),
        ({"dir": "../.."}, 403, "Invalid directory"),
    ],
)
async def test_folder_that_cannot_be_listed_is_said_to_be_so(
    ada: httpx.AsyncClient, query: dict[str, str], status: int, said: str
) -> None:
    answer = await ada.get("userdata", params=query)
    assert (answer.status_code, answer.text) == (status, said)


async def test_files_and_folders_are_browsed(ada: httpx.AsyncClient) -> None:
    assert (await ada.get("v2/userdata")).json() == []
    for name in ("workflows/B.json", "workflows/sub/a.json", "zoo.json"):
        await store(ada, name)
    everything = (await ada.get("v2/userdata")).json()
    assert [(one["type"], one["path"]) for one in everything] == [
        ("directory", "workflows/sub"),
        ("directory", "workflows"),
        ("file", "workflows/sub/a.json"),
        ("file", "workflows/B.json"),
        ("file", "zoo.json"),
    ]
    inner = (await ada.get("v2/userdata", params={"path": "workflows/sub"})).json()
    assert [one["name"] for one in inner] == ["a.json"]
    assert (await ada.get("v2/userdata", params={"path": "nowhere"})).status_code == 404
    assert (await ada.get("v2/userdata", params={"path": "../x"})).status_code == 400


async def test_each_person_has_files_of_their_own(ada: httpx.AsyncClient, bob: httpx.AsyncClient) -> None:
    await store(ada, "a.json", b"ada")
    assert (await fetch(bob, "a.json")).status_code == 404
    assert (await bob.delete("userdata/a.json")).status_code == 404
    await store(bob, "a.json", b"bob")
    assert (await fetch(ada, "a.json")).content == b"ada"


async def test_style_sheet_that_nobody_made_is_an_empty_one(ada: httpx.AsyncClient) -> None:
    nothing = await fetch(ada, "user.css")
    assert (nothing.status_code, nothing.content) == (200, b"")
    assert nothing.headers["content-type"].startswith("text/css")
    await store(ada, "user.css", b"body {}")
    assert (await fetch(ada, "user.css")).content == b"body {}"


async def test_file_that_is_too_large_is_refused(desk: Served, ada: httpx.AsyncClient) -> None:
    before = _kept(desk)
    assert (await store(ada, "a.json", bytes(25 * 2**20 + 1))).status_code == 413
    assert _kept(desk) == before


async def test_who_may_only_look_changes_nothing(desk: Served) -> None:
    reader = await newcomer(desk, "reader", "read")
    for answer in (
        await store(reader, "a.json"),
        await reader.delete("userdata/a.json"),
        await reader.post("settings", json={"a": 1}),
    ):
        assert answer.status_code == 403
    assert (await reader.get("settings")).json() == {}


# --- settings and users


async def test_settings_are_kept_each_by_itself_or_several_at_a_time(ada: httpx.AsyncClient) -> None:
    assert (await ada.get("settings")).json() == {}
    assert (await ada.get("settings/Lab.Y")).json() is None
    first = await ada.post("settings", content=b'{"Lab.X": 1}', headers=TEXT)
    assert (first.status_code, first.content) == (200, b"")
    await ada.post("settings/Lab.Y", content=b'"v"', headers=TEXT)
    assert (await ada.get("settings")).json() == {"Lab.X": 1, "Lab.Y": "v"}
    assert (await ada.get("settings/Lab.Y")).json() == "v"


async def test_settings_that_are_changed_at_the_same_moment_are_all_kept(ada: httpx.AsyncClient) -> None:
    await asyncio.gather(*(ada.post(f"settings/Lab.{number}", json=number) for number in range(8)))
    assert (await ada.get("settings")).json() == {f"Lab.{number}": number for number in range(8)}


async def test_settings_that_cannot_be_read_are_none_and_can_be_set_anew(ada: httpx.AsyncClient) -> None:
    for content in (b"{broken", b"[]"):
        await store(ada, "comfy.settings.json", content)
        assert (await ada.get("settings")).json() == {}
    await ada.post("settings", json={"a": 1})
    assert (await ada.get("settings")).json() == {"a": 1}


@pytest.mark.parametrize(("path", "body"), [("settings", b"{"), ("settings", b"[]"), ("settings/a", b"{")])
async def test_settings_that_are_no_json_are_refused(ada: httpx.AsyncClient, path: str, body: bytes) -> None:
    assert (await ada.post(path, content=body, headers=TEXT)).status_code == 400


async def test_there_is_one_user_whose_files_are_here(ada: httpx.AsyncClient) -> None:
    assert (await ada.get("users")).json() == {"storage": "server", "migrated": True}
    refused = await ada.post("users", json={"username": "eve"})
    assert (refused.status_code, "error" in refused.json()) == (400, True)
