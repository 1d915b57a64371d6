"""Nothing that somebody sends becomes a header, a line of the log or a command of its own."""

from __future__ import annotations

import io
import logging
from urllib.parse import quote

import pytest
from PIL import Image

from comfy_gen.api.files import Served as File
from comfy_gen.api.files import headers_of
from tests.api.conftest import picture_graph

BREAKS = [
    "a\r\nX-Evil: 1",
    "a\nSet-Cookie: b=c",
    "a\r\n\r\n<script>",
    "a\x00b",
    "a\x1b[2Jb",
    'a"; filename="b',
    "a\u2028b",
    "a\u202eb",
]
CONTROLS = {chr(code) for code in (*range(32), 127)}


def with_prefix(prefix: str):
    graph = picture_graph()
    graph["2"]["inputs"]["filename_prefix"] = prefix
    return graph


@pytest.mark.parametrize(
    "name",
    [*(f"{one}.png" for one in BREAKS), "../../x.png", "..\\x.png", "é😀.png", "%0d%0a.png", f"{'x' * 9_999}.png"],
)
@pytest.mark.parametrize("media_type", ["image/png", "text/html"])
def test_name_of_a_file_stays_within_its_header(name, media_type):
    for value in headers_of(File("key", name, media_type, '"tag"', 1)).values():
        assert value.isascii()
        assert not CONTROLS & set(value)
    said = headers_of(File("key", name, media_type, '"tag"', 1))["Content-Disposition"]
    assert said.count('"') <= 2
    assert len(said) < 2_000
    assert said.startswith("inline" if media_type == "image/png" else "attachment")


@pytest.mark.parametrize("prefix", ['a"; filename="b', "a\u2028b", "a\u202eb", "é😀"])
async def test_name_that_an_engine_gave_stays_within_the_header(served, prefix):
    answer = await served.client.post("/generate/sync", json={"input": {"workflow_json": with_prefix(prefix)}})
    for output in answer.json().get("output", ()):
        got = await served.client.get(f"/artifacts/{output['id']}")
        assert got.status_code == 200
        assert {"x-evil", "set-cookie"}.isdisjoint(got.headers)
        assert not any(CONTROLS & set(value) for value in got.headers.values())


@pytest.mark.parametrize(
    "kind", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml", "application/pdf", "", "IMAGE/SVG+XML"]
)
def test_what_could_act_in_the_name_of_the_service_is_only_saved(kind):
    headers = headers_of(File("key", "x", kind, '"tag"', 1))
    assert headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("given", [b"a\tb", b"a b", b"\xc3\xa9", b"x" * 129, b"", b"a;b", b"<script>"])
async def test_id_of_a_request_that_is_not_fit_to_be_repeated_is_not(served, given):
    answer = await served.client.get("/health", headers={b"X-Request-ID": given})
    assert answer.headers["x-request-id"].encode() != given


async def test_nothing_that_is_sent_begins_a_line_of_the_log(served, caplog):
    caplog.set_level(logging.DEBUG)
    for text in BREAKS:
        await send_everywhere(served, text)
    await served.client.post("/generate/sync", json={"input": {"workflow_json": with_prefix(BREAKS[0])}})
    for record in caplog.records:
        said = record.getMessage()
        assert not CONTROLS & set(said), (record.name, said)


async def send_everywhere(served, text: str) -> None:
    """Send a text wherever one can be sent that is told again."""
    body = {"input": {"workflow_json": with_prefix(text), "title": text, "tags": [text], "metadata": {text: text}}}
    for method, path in [("GET", ""), ("POST", "/jobs"), ("PUT", "/workflows"), ("GET", "/workflows")]:
        await served.client.request(method, f"{path}/{quote(text)}")
    await served.client.post("/generate", json=body)
    await served.client.post("/generate", json={"input": {"modifier": text}})
    await served.client.post("/engines", json={"url": f"http://{text}", "name": text})
    for body in ({"input": text}, {"input": f"@cat @{text} {{a|{text}}} __{text}__"}, {"input": "@cat", "title": text}):
        await served.client.post("/compose", json=body)
    await served.client.post("/compose/preview", json={"input": text})
    await served.client.post("/compose", json={"input": f"nude {text}, aged 12", "policy_tier": "explicit"})
    await served.client.post("/favorites", json={"generation_id": text, "feedback": text})
    for path in ("categories", "recipes", "favorites", "library", "presets"):
        await served.client.get(f"/{path}/{quote(text)}")
    await served.client.put(f"/presets/{quote(text)}", json={"values": {text: text, "model": text}})


@pytest.mark.parametrize("field", ["title", "idempotency"])
@pytest.mark.parametrize("text", ["a\r\nb", "a\x00b", "a\x1bb"])
async def test_control_characters_are_refused_where_people_read(served, field, text):
    body = {"input": {"workflow_json": picture_graph(), **({"title": text} if field == "title" else {})}}
    headers = {b"Idempotency-Key": text.encode()} if field == "idempotency" else {}
    assert (await served.client.post("/generate", json=body, headers=headers)).status_code == 422


async def test_name_of_an_upload_is_not_repeated_where_it_could_do_harm(served):
    content = io.BytesIO()
    Image.new("RGB", (8, 8)).save(content, "PNG")
    for name in ("../../../etc/passwd", "x\r\nX-Evil: 1.png", "a/b\\c.png", "comfygen.db"):
        answer = await served.client.post("/uploads", files={"file": (name, content.getvalue(), "image/png")})
        assert answer.status_code == 201
        assert answer.json()["name"].removeprefix("comfygen-").removesuffix(".png").isalnum()
        assert "x-evil" not in answer.headers


# --- the header that asks for a tier


@pytest.mark.parametrize(
    "said",
    [
        [b"explicit"],
        [b"mature"],
        [b"mature", b"general"],
        [b"general", b"mature"],
        [b"general, mature"],
        [b"mature,"],
        [b"MATURE"],
        [b" mature "],
        [b"mature\x00"],
        [b"m\xc3\xa4ture"],
        [b"explicit" * 1_000],
        [b"[]"],
        [b""],
    ],
)
async def test_header_gives_nobody_a_tier_that_their_key_does_not(served, said):
    asking = await served.caller("somebody")
    headers = [(b"X-Policy-Tier", value) for value in said]
    for path in ("/compose", "/generate"):
        body = {"input": "@horror a castle"} if path == "/compose" else {"prompt": "gore", "workflow": "sd15"}
        answer = await asking.post(path, json=body, headers=headers)
        assert answer.status_code in {403, 422}, (path, answer.text)
    assert (await asking.get("/jobs")).json()["jobs"] == []


@pytest.mark.parametrize("name", ["X-Policy-Tier", "X-Policy_Tier", "X_POLICY_TIER", "Policy-Tier"])
async def test_tier_comes_by_no_header_of_another_name(served, name):
    answer = await served.client.post("/compose", json={"input": "@horror"}, headers={name: "mature"})
    assert answer.status_code == (202 if name == "X-Policy-Tier" else 403)
