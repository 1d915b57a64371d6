"""Tests of the routes about files."""

from __future__ import annotations

import hashlib
import uuid
from urllib.parse import urlsplit

import pytest

from comfy_gen.api.files import Served, headers_of
from tests.api.conftest import client_of


async def test_file_is_sent_as_what_it_is(served):
    (output,) = (await served.done())["output"]
    answer = await served.client.get(f"/artifacts/{output['id']}")
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == output["sha256"]
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-length"] == str(output["size"])
    assert answer.headers["etag"] == f'"{output["sha256"]}"'
    assert answer.headers["content-disposition"].startswith("inline;")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_part_of_a_file_is_sent(served):
    (output,) = (await served.done())["output"]
    path, size = f"/artifacts/{output['id']}", output["size"]
    whole = (await served.client.get(path)).content
    part = await served.client.get(path, headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, whole[2:6])
    assert part.headers["content-range"] == f"bytes 2-5/{size}"
    assert (await served.client.get(path, headers={"Range": "bytes=-4"})).content == whole[-4:]
    changed = await served.client.get(path, headers={"Range": "bytes=2-5", "If-Range": '"another"'})
    assert (changed.status_code, changed.content) == (200, whole)
    beyond = await served.client.get(path, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")
    assert beyond.json()["error"]["code"] == "range_not_satisfiable"


async def test_file_that_somebody_has_is_not_sent_again(served):
    (output,) = (await served.done())["output"]
    answer = await served.client.get(f"/artifacts/{output['id']}", headers={"If-None-Match": f'"{output["sha256"]}"'})
    assert (answer.status_code, answer.content) == (304, b"")


async def test_head_has_the_headers_alone(served):
    (output,) = (await served.done())["output"]
    answer = await served.client.head(f"/artifacts/{output['id']}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(output["size"])


async def test_thumbnail_is_a_small_picture(served):
    (output,) = (await served.done())["output"]
    answer = await served.client.get(f"/artifacts/{output['id']}/thumbnail")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp")
    assert answer.content[8:12] == b"WEBP"


async def test_thumbnail_is_fetched_once_and_kept_by_who_fetched_it(served):
    (output,) = (await served.done())["output"]
    path = f"/artifacts/{output['id']}/thumbnail"
    answer = await served.client.get(path)
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["etag"] not in {"", f'"{output["sha256"]}"'}
    for named in (answer.headers["etag"], f'"another", W/{answer.headers["etag"]}', "*"):
        again = await served.client.get(path, headers={"If-None-Match": named})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", answer.headers["etag"]), named
        assert again.headers["cache-control"] == answer.headers["cache-control"]
    other = await served.client.get(path, headers={"If-None-Match": f'"{output["sha256"]}"'})
    assert (other.status_code, other.content) == (200, answer.content)


async def test_file_that_was_deleted_is_gone(served):
    (output,) = (await served.done())["output"]
    artifact, _ = await served.service.queue.store.artifact(output["id"])
    await served.service.artifacts.delete(artifact.key)
    for method in ("GET", "HEAD"):
        assert (await served.client.request(method, f"/artifacts/{output['id']}")).status_code == 410


async def test_file_that_never_was_is_not_found(served):
    answer = await served.client.get(f"/artifacts/{uuid.uuid4()}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "artifact_not_found")


async def test_link_needs_no_key(served):
    ada = await served.caller("ada")
    (output,) = (await served.done(client=ada))["output"]
    parts = urlsplit(output["url"])
    async with client_of(served.app, peer="203.0.113.9") as stranger:
        answer = await stranger.get(f"{parts.path}?{parts.query}")
        assert answer.status_code == 200
        assert "x-ratelimit-remaining" in answer.headers
        assert (await stranger.get(f"{parts.path}/thumbnail?{parts.query}")).status_code == 200
        forged = await stranger.get(f"{parts.path}?{parts.query[:-2]}xx")
        assert forged.status_code == 401
        assert (await stranger.get(parts.path)).status_code == 401


async def test_link_is_good_for_one_file_alone(served):
    ada = await served.caller("ada")
    (one,) = (await served.done(client=ada))["output"]
    query = urlsplit(one["url"]).query
    async with client_of(served.app, peer="203.0.113.9") as stranger:
        assert (await stranger.get(f"/artifacts/{uuid.uuid4()}?{query}")).status_code == 401


async def test_somebody_elses_file_is_as_one_that_does_not_exist(served):
    ada, bob = await served.caller("ada"), await served.caller("bob")
    (output,) = (await served.done(client=ada))["output"]
    assert (await bob.get(f"/artifacts/{output['id']}")).status_code == 404
    assert (await ada.get(f"/artifacts/{output['id']}")).status_code == 200


FILE = Served("k", "a.png", "image/png", '"t"', 1)


@pytest.mark.parametrize(
    ("filename", "media_type", "how"),
    [
        ("a.png", "image/png", "inline"),
        ("a.txt", "text/plain", "inline"),
        ("a.html", "text/html", "attachment"),
        ("a.svg", "image/svg+xml", "attachment"),
        ("a.png", "text/html", "attachment"),
        ("a.png", "image/svg+xml", "attachment"),
        ("a.xml", "application/xml", "attachment"),
        ("a.bin", "application/octet-stream", "attachment"),
    ],
)
def test_what_could_hold_a_script_is_saved_rather_than_shown(filename, media_type, how):
    headers = headers_of(replace_file(filename, media_type))
    assert headers["Content-Disposition"].partition(";")[0] == how
    assert headers["Content-Security-Policy"].startswith("sandbox")


def replace_file(filename: str, media_type: str) -> Served:
    return FILE._replace(filename=filename, media_type=media_type)
