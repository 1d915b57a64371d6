"""Pages of other sites."""

from __future__ import annotations

import httpx
import pytest
from starlette.responses import PlainTextResponse

from comfy_gen.api.origins import Origins, Places, check_host, check_origin, host_of, name_of
from comfy_gen.config import ApiOptions
from comfy_gen.errors import ForbiddenError

HERE = {"host": "127.0.0.1:8000"}


def is_host_served(host, places=None, *, asks_for_keys=False, is_open=False):
    try:
        check_host(places or Places(), host, asks_for_keys=asks_for_keys, is_open=is_open)
    except ForbiddenError:
        return False
    return True


def is_origin_served(method="POST", places=None, **headers):
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        check_origin(places or Places(), method, HERE | said)
    except ForbiddenError:
        return False
    return True


# --- Host


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]:8000", "localhost.", "app.localhost:1", "127.1.2.3"],
)
def test_names_of_this_machine_are_served(host):
    assert is_host_served(host)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "evil-localhost",
        "10.0.0.7",
    ],
)
def test_other_names_are_not_served_without_keys(host):
    assert not is_host_served(host)


@pytest.mark.parametrize("host", ["", ":8000", "[::1", "user@evil.example", "a b", "127.0.0.1@evil.example"])
def test_what_is_no_name_is_not_served(host):
    assert not is_host_served(host)


def test_bound_and_allowed_names_are_served():
    places = Places.of(ApiOptions(host="gpu-1", allowed_hosts=("Img.Example",)))
    assert is_host_served("gpu-1:8000", places)
    assert is_host_served("img.example", places)
    assert not is_host_served("other.example", places)


def test_where_keys_are_asked_for_any_name_is_served_unless_names_are_set():
    assert is_host_served("img.example", asks_for_keys=True)
    named = Places.of(ApiOptions(allowed_hosts=("img.example",)))
    assert is_host_served("img.example", named, asks_for_keys=True)
    assert not is_host_served("evil.example", named, asks_for_keys=True)


@pytest.mark.parametrize(
    ("host", "is_served"), [("10.0.0.7:8000", True), ("gpu-1", True), ("evil.example", False), ("", False)]
)
def test_open_service_is_served_by_names_that_nobody_can_buy(host, is_served):
    assert is_host_served(host, is_open=True) is is_served


def test_name_of_the_public_address_is_served_beside_those_that_are_set():
    places = Places.of(ApiOptions(allowed_hosts=("a.example",), public_url="https://img.example/x"))
    assert is_host_served("img.example", places)


def test_name_is_read_as_a_url_has_it():
    assert [name_of(host) for host in ("A.example:1", "[::1]:1", "x.")] == ["a.example", "::1", "x"]


# --- Origin


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT", "PATCH"])
def test_page_of_another_site_may_change_nothing(method):
    assert not is_origin_served(method, origin="https://evil.example")


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_page_of_another_site_may_ask_but_cannot_read_the_answer(method):
    assert is_origin_served(method, origin="https://evil.example", sec_fetch_site="cross-site")


@pytest.mark.parametrize("origin", ["null", "http://127.0.0.1:8001", "http://localhost:8000", "https://127.0.0.1", "x"])
def test_everything_but_the_same_place_is_another_site(origin):
    assert not is_origin_served(origin=origin)


def test_own_pages_and_programs_may_send():
    assert is_origin_served(origin="http://127.0.0.1:8000", sec_fetch_site="same-origin")
    assert is_origin_served()
    assert is_origin_served(sec_fetch_site="none")


def test_browser_that_hides_the_origin_still_says_that_it_is_another_site():
    assert not is_origin_served(sec_fetch_site="cross-site")


def test_sites_that_are_named_may_send():
    places = Places.of(ApiOptions(cors_origins=("https://App.example/",), public_url="https://img.example/x"))
    assert is_origin_served(places=places, origin="https://app.example", sec_fetch_site="cross-site")
    assert is_origin_served(places=places, origin="https://img.example")
    assert not is_origin_served(places=places, origin="http://app.example")


def test_port_that_goes_without_saying_is_not_said():
    said = [host_of(origin) for origin in ("https://a:443", "http://a:80", "http://a:443", "https://a", "null")]
    assert said == ["a", "a", "a:443", "a", "null".partition("://")[2]]


# --- the middleware


def client(access="auto", *, has_keys=False):
    async def keyed(scope):
        return has_keys

    wrapped = Origins(
        PlainTextResponse("served"),
        Places(),
        access=access,
        has_keys=keyed,
        answer=lambda _, error: PlainTextResponse(error.code, 403),
    )
    return httpx.AsyncClient(transport=httpx.ASGITransport(wrapped), base_url="http://127.0.0.1:8000")


async def test_request_of_a_rebound_name_is_answered_with_a_refusal():
    refused = await client().get("/", headers={"host": "evil.example"})
    assert (refused.status_code, refused.text) == (403, "forbidden")
    assert (await client().get("/")).text == "served"


async def test_drive_by_form_is_refused_though_it_needs_no_permission():
    headers = {"origin": "https://evil.example", "content-type": "text/plain"}
    refused = await client("open").post("/generate", content="{}", headers=headers)
    assert refused.status_code == 403


@pytest.mark.parametrize(("origin", "is_served"), [("http://127.0.0.1:8000", True), ("https://evil.example", False)])
async def test_page_of_another_site_opens_no_websocket(origin, is_served):
    async def keyed(_):
        return False

    sent = []

    async def send(message):
        sent.append(message["type"])

    async def receive():
        return {"type": "websocket.connect"}

    async def accept(_scope, _receive, answer):
        await answer({"type": "websocket.accept"})

    def refuse(_, error):
        return PlainTextResponse(error.code, 403)

    headers = [(b"host", b"127.0.0.1:8000"), (b"origin", origin.encode())]
    scope = {"type": "websocket", "path": "/ws", "headers": headers, "extensions": {"websocket.http.response": {}}}
    await Origins(accept, Places(), access="auto", has_keys=keyed, answer=refuse)(scope, receive, send)
    assert ("websocket.accept" in sent) == is_served
    assert ("websocket.http.response.start" in sent) != is_served


@pytest.mark.parametrize(("access", "has_keys"), [("keys", False), ("auto", True)])
async def test_with_keys_any_name_is_served(access, has_keys):
    answered = await client(access, has_keys=has_keys).get("/", headers={"host": "img.example"})
    assert answered.text == "served"
