"""Tests of the routes of assets, as any program may ask them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from tests.api.conftest import client_of
from tests.api.dialects.comfy.sending import V2, found, hash_of, kept, passed_on, picture, sent
from tests.api.dialects.desk import opened_desk

pytestmark = pytest.mark.asyncio(loop_scope="module")


def unlinked(told):
    """What is told of an asset, without what is another address each time."""
    return {name: value for name, value in told.items() if name not in ("url", "url_expires_at", "created_new")}


async def test_asset_is_told_with_its_hash_and_where_its_content_is(ada):
    answer = await sent(ada, picture())
    assert answer.status_code == 201
    told = answer.json()
    assert unlinked(told) == {
        "id": told["id"],
        "hash": hash_of(picture()),
        "size_bytes": len(picture()),
        "content_type": "image/png",
        "file_path": "photo.png",
        "created_at": told["created_at"],
    }
    assert told["created_new"]
    assert datetime.fromisoformat(told["created_at"]) <= datetime.now(UTC)
    assert datetime.fromisoformat(told["url_expires_at"]) - datetime.now(UTC) > timedelta(hours=1)
    assert unlinked((await ada.get(f"{V2}/assets/{told['id']}")).json()) == unlinked(told)


async def test_same_content_is_the_same_asset(ada):
    first, again = await sent(ada, picture()), await sent(ada, picture(), "other.png")
    assert (first.status_code, again.status_code) == (201, 200)
    assert unlinked(again.json()) == unlinked(first.json())
    assert not again.json()["created_new"]
    other = await sent(ada, picture("blue"))
    assert (other.status_code, other.json()["id"] == first.json()["id"]) == (201, False)


async def test_content_that_was_sent_is_had_by_its_hash(ada):
    told, said = await kept(ada, picture()), hash_of(picture())
    for one in (said, said.replace(":", "%3A"), said.upper()):
        assert (await ada.head(f"{V2}/assets/by-hash/{one}")).status_code == 200, one
    answer = await ada.post(f"{V2}/assets/from-hash", json={"hash": said, "file_path": "b.png", "tags": ["x"]})
    assert (answer.status_code, answer.json()["created_new"]) == (200, False)
    assert unlinked(answer.json()) == unlinked(told)


async def test_hash_of_what_nobody_sent_gives_nothing(ada):
    for said in (hash_of(b"never sent"), "blake3:12", "sha256:ab", "..%2F..", "%"):
        answer = await ada.head(f"{V2}/assets/by-hash/{said}")
        assert (answer.status_code, answer.content) == (404, b""), said
        answer = await ada.post(f"{V2}/assets/from-hash", json={"hash": said})
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "blob_not_found"), said


async def test_content_that_is_not_what_was_declared_is_not_kept(ada):
    wrong = await sent(ada, picture(), expected_hash=hash_of(b"other"))
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (409, "hash_mismatch")
    assert (await sent(ada, picture(), expected_hash="abc")).status_code == 409
    assert (await ada.head(f"{V2}/assets/by-hash/{hash_of(picture())}")).status_code == 404
    right = await sent(ada, picture(), expected_hash=hash_of(picture()).upper())
    assert right.status_code == 201


async def test_content_is_sent_whole_or_in_part_and_not_again_to_who_has_it(ada):
    told = await kept(ada, picture())
    path = f"{V2}/assets/{told['id']}/content"
    whole = await ada.get(path)
    assert (whole.status_code, whole.content) == (200, picture())
    assert (whole.headers["content-type"], whole.headers["accept-ranges"]) == ("image/png", "bytes")
    assert whole.headers["content-length"] == str(len(picture()))
    assert 'filename="photo.png"' in whole.headers["content-disposition"]
    for asked, part in (("bytes=0-4", picture()[:5]), ("bytes=-3", picture()[-3:]), ("bytes=9-", picture()[9:])):
        answer = await ada.get(path, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, part), asked
    beyond = await ada.get(path, headers={"Range": "bytes=9999-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(picture())}")
    same = await ada.get(path, headers={"If-None-Match": whole.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    head = await ada.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", whole.headers["etag"])


async def test_address_that_is_told_needs_no_key_and_opens_nothing_else(desk, ada):
    told, other = await kept(ada, picture()), await kept(ada, picture("blue"))
    async with client_of(desk.app) as nobody:
        assert (await nobody.get(told["url"])).content == picture()
        assert (await nobody.get(told["url"].replace(told["id"], other["id"]))).status_code == 401
        assert (await nobody.get(f"{V2}/assets/{told['id']}?{urlsplit(told['url']).query}")).status_code == 401


async def test_asset_that_was_deleted_is_gone_with_its_content(desk, ada):
    told = await kept(ada, picture())
    content = (await found(desk, told)).kept.key
    path = f"{V2}/assets/{told['id']}"
    answer = await ada.delete(path)
    assert (answer.status_code, answer.content, answer.headers.get("content-type")) == (204, b"", None)
    for method, where in (("GET", path), ("GET", f"{path}/content"), ("GET", told["url"]), ("DELETE", path)):
        answer = await ada.request(method, where)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found"), (method, where)
    assert (await ada.head(f"{V2}/assets/by-hash/{told['hash']}")).status_code == 404
    assert not await desk.service.artifacts.exists(content)
    again = await sent(ada, picture())
    assert (again.status_code, again.json()["id"]) == (201, told["id"])


async def test_asset_that_a_job_waits_for_is_not_deleted(desk, ada):
    store = desk.service.queue.store
    told = await kept(ada, picture())
    asset = await found(desk, told)
    await store.set_paused(True)
    job_id = await desk.job(passed_on(asset.kept.reference), ada)
    refused = await ada.delete(f"{V2}/assets/{told['id']}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "asset_in_use")
    await store.set_paused(False)
    assert (await desk.service.queue.watching.end(job_id)).state == "completed"
    assert (await ada.delete(f"{V2}/assets/{told['id']}")).status_code == 204


async def test_output_of_a_job_is_an_asset_as_long_as_the_job_is_kept(desk, ada):
    result = await desk.done(client=ada)
    output = result["output"][0]
    path = f"{V2}/assets/{output['id']}"
    told, whole = (await ada.get(path)).json(), (await ada.get(f"{path}/content")).content
    assert unlinked(told) == {
        "id": output["id"],
        "hash": hash_of(whole),
        "size_bytes": output["size"],
        "content_type": "image/png",
        "file_path": output["filename"],
        "created_at": told["created_at"],
        "job_id": result["id"],
    }
    part = await ada.get(told["url"], headers={"Range": "bytes=0-4"})
    assert (part.status_code, part.content) == (206, whole[:5])
    refused = await ada.delete(path)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "asset_in_use")
    assert (await ada.delete(f"/jobs/{result['id']}")).status_code == 204
    assert (await ada.get(path)).status_code == 404


async def test_what_is_somebody_elses_is_as_if_it_were_not(desk, ada, bob):
    admin = await desk.caller("root", "admin")
    told, output = await kept(ada, picture()), (await desk.done(client=ada))["output"][0]["id"]
    said = {"If-None-Match": (await ada.get(f"{V2}/assets/{told['id']}/content")).headers["etag"]}
    for method, rest in (("GET", ""), ("GET", "/content"), ("HEAD", "/content"), ("DELETE", "")):
        for asset_id in (told["id"], output):
            theirs = await bob.request(method, f"{V2}/assets/{asset_id}{rest}", headers=said)
            nobodys = await bob.request(method, f"{V2}/assets/{uuid4()}{rest}", headers=said)
            assert (theirs.status_code, nobodys.status_code) == (404, 404), (method, rest)
            assert theirs.headers.keys() == nobodys.headers.keys()
    assert (await bob.head(f"{V2}/assets/by-hash/{told['hash']}")).status_code == 404
    assert (await bob.post(f"{V2}/assets/from-hash", json={"hash": told["hash"]})).status_code == 404
    for asset_id in (told["id"], output):
        assert (await admin.get(f"{V2}/assets/{asset_id}")).json()["id"] == asset_id
    assert (await ada.get(f"{V2}/assets/{told['id']}")).status_code == 200


async def test_who_sends_what_somebody_else_has_sent_is_told_nothing_of_it(ada, bob):
    hers, his = await kept(ada, picture(), "hers.png"), await kept(bob, picture(), "his.png")
    assert (his["created_new"], his["file_path"], his["id"] == hers["id"]) == (True, "his.png", False)
    assert (await bob.delete(f"{V2}/assets/{his['id']}")).status_code == 204
    assert (await ada.get(f"{V2}/assets/{hers['id']}/content")).content == picture()


async def test_content_is_an_upload_of_its_owners_alone(desk, ada, bob):
    told = await kept(ada, picture())
    name = (await found(desk, told)).upload
    assert (await ada.get(f"/uploads/{name}")).content == picture()
    for other in (bob, desk.client):
        assert (await other.get(f"/uploads/{name}")).status_code in (401, 404)
    admin = await desk.caller("overseer", "admin")
    assert (await admin.get(f"/uploads/{name}")).content == picture()


async def test_key_that_only_reads_sends_and_deletes_nothing(desk, ada):
    reader = await desk.caller("reader", "read")
    told = await kept(ada, picture())
    for answer in (
        await sent(reader, picture()),
        await reader.post(f"{V2}/assets/from-hash", json={"hash": told["hash"]}),
        await reader.post(f"{V2}/assets/from-path", json={"path": "/etc/passwd"}),
        await reader.delete(f"{V2}/assets/{told['id']}"),
    ):
        assert answer.status_code == 403
    async with client_of(desk.app) as nobody:
        assert (await sent(nobody, picture())).status_code == 401
        assert (await nobody.get(f"{V2}/assets/{told['id']}/content")).status_code == 401


async def test_no_path_of_a_callers_is_opened(ada, tmp_path):
    mine = tmp_path / "mine.png"
    mine.write_bytes(picture())
    for path in (str(mine), "/etc/passwd", "http://127.0.0.1:1/x.png"):
        answer = await ada.post(f"{V2}/assets/from-path", json={"path": path})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_request")


@pytest.mark.parametrize("said", ["not-a-uuid", "..%2F..%2Fcomfygen.db", "%2e%2e", "a" * 5000, "é", "by-hash"])
async def test_what_is_no_id_is_the_id_of_nothing(ada, said):
    for method, rest in (("GET", ""), ("GET", "/content"), ("DELETE", "")):
        answer = await ada.request(method, f"{V2}/assets/{said}{rest}")
        assert answer.status_code in (404, 405), (method, rest)


async def test_content_that_was_taken_out_of_the_store_is_told_as_gone_and_may_be_sent_again(desk, ada):
    told = await kept(ada, picture())
    asset = await found(desk, told)
    await desk.service.artifacts.delete(asset.kept.key)
    answer = await ada.get(f"{V2}/assets/{told['id']}/content")
    assert answer.json()["error"]["code"] == "output_unavailable"
    assert (await ada.head(f"{V2}/assets/by-hash/{told['hash']}")).status_code == 404
    assert (await sent(ada, picture())).status_code == 201
    assert (await ada.get(f"{V2}/assets/{told['id']}/content")).content == picture()


async def test_asset_is_there_after_a_restart_and_in_every_process(tmp_path):
    async with opened_desk(tmp_path) as served:
        told = await kept(served.client, picture(), "kept.png")
    async with opened_desk(tmp_path) as served, opened_desk(tmp_path) as beside:
        for one in (served, beside):
            assert unlinked((await one.client.get(f"{V2}/assets/{told['id']}")).json()) == unlinked(told)
            assert (await one.client.get(told["url"])).content == picture()
        other = await kept(beside.client, picture("blue"))
        assert (await sent(served.client, picture("blue"))).json()["id"] == other["id"]
