from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.contracts.peer import Peer


async def test_settings_are_kept(peer: Peer):
    """Recorded in 17_settings_userdata."""
    assert (await peer.get("/settings")).json() == {}
    await peer.post("/settings", {"Lab.X": 1})
    await peer.post("/settings/Lab.Y", "v")
    assert (await peer.get("/settings")).json() == {"Lab.X": 1, "Lab.Y": "v"}
    assert [(await peer.get(f"/settings/{name}")).json() for name in ("Lab.Y", "Lab.Z")] == ["v", None]


async def test_files_are_kept_listed_moved_and_removed(peer: Peer):
    stored = await peer.request("POST", "/userdata/workflows%2Fa.json", data=b'{"w": 1}')
    assert stored.json() == "workflows/a.json"
    assert (await peer.get("/userdata/workflows%2Fa.json")).json() == {"w": 1}
    assert (await peer.get("/userdata?dir=workflows")).json() == ["a.json"]
    assert (await peer.get("/userdata?dir=.&recurse=true&split=true")).json() == [
        ["workflows/a.json", "workflows", "a.json"]
    ]
    assert (await peer.get("/userdata?dir=workflows&full_info=true")).json()[0]["size"] == 8
    assert [entry["type"] for entry in (await peer.get("/v2/userdata")).json()] == ["directory"]
    assert [entry["path"] for entry in (await peer.get("/v2/userdata?path=workflows")).json()] == ["workflows/a.json"]
    assert (await peer.post("/userdata/workflows%2Fa.json/move/b.json")).json() == "b.json"
    assert (await peer.request("DELETE", "/userdata/b.json")).status == 204
    assert (await peer.request("DELETE", "/userdata/b.json")).status == 404


async def test_file_that_is_there_stays_when_asked(peer: Peer):
    await peer.request("POST", "/userdata/a", data=b"1")
    assert (await peer.request("POST", "/userdata/a?overwrite=false", data=b"2")).status == 409
    await peer.request("POST", "/userdata/b", data=b"1")
    assert (await peer.post("/userdata/a/move/b?overwrite=false")).status == 409
    assert (await peer.request("POST", "/userdata/a?full_info=true", data=b"22")).json()["size"] == 2


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_path_that_leads_out_is_forbidden(peer: Peer, method: str):
    assert (await peer.request(method, "/userdata/..%2F..%2Fevil.json")).status == 403


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/userdata", 400),
        ("/userdata?dir=nowhere", 404),
        ("/userdata?dir=../..", 403),
        ("/v2/userdata?path=../..", 400),
        ("/v2/userdata?path=nowhere", 404),
        ("/userdata/nowhere", 404),
    ],
)
async def test_folder_that_is_not_there_is_said(peer: Peer, path: str, status: int):
    assert (await peer.get(path)).status == status


async def test_move_needs_a_file_and_a_place_inside(peer: Peer):
    assert (await peer.post("/userdata/nowhere/move/b")).status == 404
    assert (await peer.post("/userdata/nowhere/move/..%2F..%2Fb")).status == 403


async def test_there_is_one_user(peer: Peer):
    assert (await peer.get("/users")).json() == {"storage": "server", "migrated": False}
