"""What a request may bring."""

from __future__ import annotations

import json
import random

import httpx
import pytest
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from comfy_gen.api.bounds import MAX_DEPTH, Bounds, declared_length, has_half_characters, is_json, nests_deeper

LIMIT, UPLOAD = 1_000, 5_000
JSON = {"content-type": "application/json"}


async def echo(scope, receive, send):
    """Answers with what it got; if it cannot be read it says so, as frameworks do."""
    try:
        body = await Request(scope, receive).body()
    except Exception:  # noqa: BLE001
        await PlainTextResponse("cannot be parsed", 400)(scope, receive, send)
        return
    await PlainTextResponse(f"{len(body)} read")(scope, receive, send)


def refuse(_, error):
    return PlainTextResponse(error.code, 413)


@pytest.fixture
def client():
    bounds = Bounds(echo, limit=LIMIT, answer=refuse, is_upload=lambda _, path: path == "/upload", upload_limit=UPLOAD)
    return httpx.AsyncClient(transport=httpx.ASGITransport(bounds), base_url="http://here")


async def chunked(size, step=100):
    """A body that does not say how long it is."""
    for _ in range(size // step):
        yield b"1" * step


async def test_body_within_the_bounds_is_passed_on(client):
    assert (await client.post("/", content=b"1" * LIMIT, headers=JSON)).text == f"{LIMIT} read"
    assert (await client.post("/", content=chunked(LIMIT), headers=JSON)).text == f"{LIMIT} read"


@pytest.mark.parametrize("body", [b"1" * (LIMIT + 1), lambda: chunked(LIMIT + 100)])
async def test_larger_body_is_refused_whether_it_says_its_length_or_not(client, body):
    refused = await client.post("/", content=body() if callable(body) else body, headers=JSON)
    assert (refused.status_code, refused.text) == (413, "body_too_large")
    assert refused.headers["connection"] == "close"


async def test_body_that_says_it_is_too_large_is_not_read():
    sent = []

    async def receive():
        raise AssertionError("read")

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "headers": [(b"content-length", b"100000000"), (b"content-type", b"application/json")],
    }
    await Bounds(echo, limit=LIMIT, answer=refuse)(scope, receive, send)
    assert sent[0]["status"] == 413


async def test_who_goes_away_while_sending_is_not_answered():
    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        raise AssertionError(message)

    headers = [(b"transfer-encoding", b"chunked"), (b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers}
    await Bounds(echo, limit=LIMIT, answer=refuse)(scope, receive, send)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data"])
async def test_body_that_is_not_said_to_be_json_is_refused(client, content_type):
    assert (
        await client.post("/", content=b"{}", headers={"content-type": content_type})
    ).text == "unsupported_media_type"


async def test_request_without_a_body_needs_no_type(client):
    assert (await client.post("/")).text == "0 read"
    assert (await client.get("/")).text == "0 read"
    assert (await client.delete("/")).text == "0 read"


async def test_upload_may_be_larger_and_of_any_kind(client):
    assert (await client.post("/upload", content=b"1" * UPLOAD)).text == f"{UPLOAD} read"
    assert (await client.post("/upload", content=chunked(UPLOAD))).text == f"{UPLOAD} read"


@pytest.mark.parametrize("body", [b"1" * (UPLOAD + 1), lambda: chunked(UPLOAD + 100)])
async def test_larger_upload_is_refused_whatever_the_application_makes_of_it(client, body):
    refused = await client.post("/upload", content=body() if callable(body) else body)
    assert (refused.status_code, refused.text) == (413, "body_too_large")


async def test_json_that_is_nested_too_deeply_is_refused(client):
    deep = b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)
    assert (await client.post("/", content=deep, headers=JSON)).text == "invalid_parameter"
    assert (await client.post("/", content=b"[" * 999, headers=JSON)).text == "invalid_parameter"
    assert (await client.post("/", content=deep[1:-1], headers=JSON)).text == f"{2 * MAX_DEPTH} read"


def nested(depth, leaf):
    for level in range(depth):
        leaf = [leaf] if level % 2 else {"a": leaf, "b": 1}
    return json.dumps(leaf).encode()


@pytest.mark.parametrize("leaf", [1, "[[[[", 'say "[" \\', "\\", "ü\n[", [], {}])
@pytest.mark.parametrize("depth", [3, 4, 5, 6, 20])
def test_levels_are_counted_whatever_strings_hold(leaf, depth):
    levels = depth + (leaf in ([], {}))
    body = nested(depth, leaf)
    assert nests_deeper(body, levels - 1)
    assert not nests_deeper(body, levels)


TEXTS = ["", "[", "]]", "{", '"', "\\", '\\"', '"[[', "\\\\", "[\\", "a", "ü", "\n", '","']


def invented(chance, depth=0):
    """Any JSON, with strings that look like more of it."""
    kind = chance.random() if depth < 14 else 1.0
    if kind < 0.45:
        return [invented(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind < 0.8:
        return {chance.choice(TEXTS): invented(chance, depth + 1) for _ in range(chance.randrange(4))}
    return chance.choice(TEXTS)


def depth_of(value):
    if isinstance(value, dict):
        value = list(value.values())
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


def test_levels_are_those_that_a_parser_finds():
    chance = random.Random(7)
    samples = [invented(chance) for _ in range(1_500)]
    assert max(map(depth_of, samples)) > 12
    for sample in samples:
        body, depth = json.dumps(sample, ensure_ascii=chance.random() < 0.5).encode(), depth_of(sample)
        assert [nests_deeper(body, limit) for limit in range(depth + 2)] == [True] * depth + [False, False]


def test_wide_json_is_not_deep():
    body = json.dumps([[{"a": []}] for _ in range(1_000)]).encode()
    assert not nests_deeper(body, 4)
    assert nests_deeper(body, 3)


@pytest.mark.parametrize(
    ("said", "is_it"),
    [
        ("application/json", True),
        ("Application/JSON; charset=utf-8", True),
        ("application/problem+json", True),
        ("text/json", False),
        ("text/plain+json", False),
        ("", False),
    ],
)
def test_media_types_of_json(said, is_it):
    assert is_json(said) is is_it


@pytest.mark.parametrize(
    ("headers", "length"),
    [
        ({}, 0),
        ({"content-length": "12"}, 12),
        ({"content-length": "-1"}, None),
        ({"content-length": "1", "transfer-encoding": "chunked"}, None),
    ],
)
def test_length_is_what_the_request_says(headers, length):
    assert declared_length(Headers(headers)) == length


@pytest.mark.parametrize(
    ("body", "has_some"),
    [
        (rb'"\ud83d\ude00"', False),
        (rb'"\ud83d"', True),
        (rb'"\ude00\ud83d"', True),
        (rb'{"\uDFFF": 1}', True),
        (rb'"\\ud83d"', False),
        (rb'{"\ud83d"', False),
        ("😀".encode(), False),
    ],
)
def test_half_characters_are_found(body, has_some):
    assert has_half_characters(body) is has_some
