"""Where a cookie is found, whose page it is taken from, and how it is sent."""

from __future__ import annotations

import pytest
from starlette.requests import Request
from starlette.responses import Response

from comfy_gen.api.cookies import NAME, Jar, give, is_https, take_away
from comfy_gen.app.cookie import Cookies

HOST = {"host": "127.0.0.1:8000", "cookie": f"other=1; {NAME}=abc.def; more=2"}


def found(public_url="", **headers):
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return Jar(Cookies("secret"), public_url=public_url).cookie_in(HOST | said)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec_fetch_site": "same-origin"},
        {"sec_fetch_site": "none"},
        {"origin": "http://127.0.0.1:8000"},
        {"origin": "http://example.org", "host": "example.org"},
        {"origin": "https://Example.org", "host": "example.org"},
    ],
    ids=str,
)
def test_cookie_is_taken_from_own_pages(headers):
    assert found(**headers) == "abc.def"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "anything new"},
        {"origin": "http://127.0.0.1:8188"},
        {"origin": "http://127.0.0.1"},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:8000", "sec_fetch_site": "same-site"},
        {"origin": "", "sec_fetch_site": "same-site"},
    ],
    ids=str,
)
def test_cookie_is_not_taken_from_pages_of_others(headers):
    assert found(**headers) == ""


@pytest.mark.parametrize(
    "public_url", ["https://studio.example", "https://Studio.example/", "https://studio.example/x"]
)
def test_page_behind_a_proxy_is_our_own_by_its_public_address(public_url):
    assert found(public_url, origin="https://studio.example") == "abc.def"
    assert found(public_url, origin="https://studio.example.evil.example") == ""
    assert found(public_url, origin="http://studio.example") == ""
    assert found(public_url, origin="https://studio") == ""


def test_request_without_a_cookie_has_none():
    assert Jar(Cookies("secret")).cookie_in({"host": "x"}) == ""
    assert found(cookie="other=1") == ""


# --- how it is sent


def request(scheme="http", **headers):
    lines = [(b"host", b"x"), *((name.encode(), value.encode()) for name, value in headers.items())]
    return Request({"type": "http", "scheme": scheme, "path": "/session", "query_string": b"", "headers": lines})


def sent(do, asked, *cookie):
    response = Response()
    do(asked, response, *cookie)
    return response.headers["set-cookie"]


def test_scripts_do_not_see_the_cookie_and_other_sites_do_not_send_it():
    told = sent(give, request(), "abc")
    assert told == f"{NAME}=abc; HttpOnly; Max-Age=2592000; Path=/; SameSite=strict"


def test_cookie_that_came_by_https_goes_by_nothing_else():
    assert "Secure" in sent(give, request("https"), "abc")
    assert "Secure" in sent(give, request(origin="https://studio.example"), "abc")
    assert not is_https(request(origin="http://studio.example"))


def test_cookie_is_taken_away_as_it_was_given():
    told = sent(take_away, request())
    assert told.startswith(f'{NAME}="";')
    assert {"HttpOnly", "Max-Age=0", "Path=/", "SameSite=strict"} <= set(told.split("; "))
