"""Who is let in."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from comfy_gen.api.access import (
    ENTRANCE,
    GUEST,
    OWNER,
    Admission,
    Door,
    Gate,
    caller_of,
    check_scope,
    decide,
    is_from_here,
    is_loopback,
    key_in,
    require,
    way_of,
)
from comfy_gen.api.cookies import NAME, Jar
from comfy_gen.api.limits import Limiter
from comfy_gen.app.caller import Scope
from comfy_gen.app.cookie import Cookies
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import ForbiddenError, RateLimitError, UnauthorizedError
from comfy_gen.jobs.api_key import ApiKey

ANNA = ApiKey("abcdefgh", "anna", "studio", frozenset({"read"}), 1.0, "digest", "2/minute", 7, tier=Tier.MATURE)


class Keys:
    """Knows one key, or none."""

    def __init__(self, **known):
        self.known = known

    async def find(self, text):
        return self.known.get(text)

    async def good(self, key_id):
        return next((key for key in self.known.values() if key.key_id == key_id), None)

    async def is_any(self):
        return bool(self.known)


def decided(access="auto", *, has_keys=False, given="", is_master=False, found=None, is_here=False):
    return decide(Door(access, has_keys), given=given, is_master=is_master, found=found, is_here=is_here)


# --- decide


def test_key_of_the_settings_may_everything():
    caller = decided("keys", given="k", is_master=True)
    assert (caller.is_admin, caller.owner) == (True, "")


@pytest.mark.parametrize("access", ["auto", "keys", "open"])
def test_known_key_is_its_owner_s_wherever_it_comes_from(access):
    caller = decided(access, has_keys=True, given="k", found=ANNA)
    assert (caller.owner, caller.scopes, caller.name) == ("studio", {Scope.READ}, "anna")
    assert (caller.rate, caller.max_waiting, caller.tier) == ("2/minute", 7, Tier.MATURE)


def test_this_machine_needs_no_key_as_long_as_there_is_none():
    assert decided(is_here=True).is_admin


def test_other_machines_are_refused_as_long_as_there_is_no_key():
    with pytest.raises(UnauthorizedError, match="this machine alone"):
        decided()


@pytest.mark.parametrize("is_here", [True, False])
def test_once_there_is_a_key_nobody_goes_without(is_here):
    with pytest.raises(UnauthorizedError, match="a key is needed"):
        decided(has_keys=True, is_here=is_here)


def test_with_access_by_keys_this_machine_needs_one_even_where_there_is_none():
    with pytest.raises(UnauthorizedError):
        decided("keys", is_here=True)


def test_unknown_key_is_said_to_be_unknown():
    with pytest.raises(UnauthorizedError, match="not known"):
        decided(has_keys=True, given="wrong", is_here=True)


def test_open_service_answers_everybody():
    assert decided("open", has_keys=True).scopes == {Scope.READ, Scope.GENERATE}
    assert decided("open").scopes == {Scope.READ, Scope.GENERATE}


def test_open_service_without_keys_is_managed_from_its_own_machine():
    assert decided("open", is_here=True).is_admin
    assert not decided("open", has_keys=True, is_here=True).is_admin


def test_who_manages_the_service_may_ask_for_any_tier_and_a_guest_for_the_lowest():
    assert decided(is_here=True).tier is Tier.EXPLICIT
    assert decided("keys", given="k", is_master=True).tier is Tier.EXPLICIT
    assert decided("open").tier is Tier.GENERAL


def test_scope_of_a_later_version_is_nothing():
    assert caller_of(ApiKey("a", "a", "a", frozenset({"read", "fly"}), 1.0, "")).scopes == {Scope.READ}


def test_missing_scope_is_named_with_those_that_are_there():
    with pytest.raises(ForbiddenError) as caught:
        check_scope(caller_of(ANNA), Scope.GENERATE)
    assert "generate" in caught.value.message
    assert "may read" in caught.value.hint
    check_scope(caller_of(ANNA), Scope.READ)


# --- what a request says


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({"authorization": "Bearer abc"}, "abc"),
        ({"authorization": "bearer  abc "}, "abc"),
        ({"x-api-key": " abc"}, "abc"),
        ({"authorization": "Basic abc", "x-api-key": "def"}, "def"),
        ({"authorization": "Bearer abc", "x-api-key": "def"}, "abc"),
        ({"authorization": "Bearer"}, ""),
        ({"authorization": "abc"}, "abc"),
        ({"authorization": "Basic YW55OmFiYw=="}, "abc"),
        ({"authorization": "Basic YW55Og==", "x-api-key": "def"}, "def"),
        ({"authorization": "Basic \u00fc"}, ""),
        ({}, ""),
    ],
)
def test_key_is_found_in_the_headers(headers, key):
    assert key_in(headers) == key


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_addresses_of_this_machine(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["", "localhost", "10.0.0.1", "::ffff:10.0.0.1", "fe80::1%lo", "127.0.0.1.evil.example"]
)
def test_addresses_of_others(host):
    assert not is_loopback(host)


def test_what_a_proxy_passes_on_is_not_from_here():
    assert is_from_here("127.0.0.1", {})
    assert not is_from_here("127.0.0.1", {"x-forwarded-for": "127.0.0.1"})
    assert not is_from_here("127.0.0.1", {"forwarded": "for=127.0.0.1"})
    assert not is_from_here("10.0.0.1", {})
    assert not is_from_here(None, {})


# --- the gate


async def test_gate_knows_the_key_of_the_settings():
    gate = Gate(Keys(), access="auto", master="master")
    assert (await gate.admit("10.0.0.1", {"x-api-key": "master"})).is_admin
    for wrong in ("maste", "master2", "ü", ""):
        with pytest.raises(UnauthorizedError):
            await gate.admit("127.0.0.1", {"x-api-key": wrong})


async def test_gate_without_a_key_of_the_settings_does_not_take_an_empty_one():
    with pytest.raises(UnauthorizedError):
        await Gate(Keys(k=ANNA), access="auto").admit("127.0.0.1", {"x-api-key": ""})


async def test_gate_finds_the_keys_of_the_database():
    gate = Gate(Keys(k=ANNA), access="auto")
    assert (await gate.admit("10.0.0.1", {"authorization": "Bearer k"})).owner == "studio"
    assert await gate.has_keys()


# --- cookies


def gate_with_cookies(master="", **known):
    return Gate(Keys(**known), access="auto", master=master, jar=Jar(Cookies("secret")))


def with_cookie(cookie, **more):
    return {"cookie": f"{NAME}={cookie}", "host": "127.0.0.1:8000", **more}


async def test_cookie_is_the_key_that_it_was_given_for():
    gate = gate_with_cookies(k=ANNA)
    headers = with_cookie(await gate.cookie_for("k"))
    caller = await gate.admit("10.0.0.1", headers)
    assert caller == caller_of(ANNA)
    assert way_of(caller, headers) == "cookie"


async def test_key_goes_before_a_cookie():
    gate = gate_with_cookies("master", k=ANNA)
    headers = with_cookie(await gate.cookie_for("k"), **{"x-api-key": "master"})
    caller = await gate.admit("10.0.0.1", headers)
    assert (caller.is_admin, way_of(caller, headers)) == (True, "key")
    with pytest.raises(UnauthorizedError, match="not known"):
        await gate.admit("10.0.0.1", with_cookie(await gate.cookie_for("k"), **{"x-api-key": "wrong"}))


async def test_cookie_of_a_page_elsewhere_is_none():
    gate = gate_with_cookies(k=ANNA)
    headers = with_cookie(await gate.cookie_for("k"), **{"sec-fetch-site": "same-site"})
    with pytest.raises(UnauthorizedError, match="a key is needed"):
        await gate.admit("127.0.0.1", headers)


async def test_cookie_ends_with_its_key():
    gate = gate_with_cookies(k=ANNA)
    headers = with_cookie(await gate.cookie_for("k"))
    for known in ({"x": replace(ANNA, key_id="hgfedcba")}, {"x": replace(ANNA, digest="another")}):
        with pytest.raises(UnauthorizedError, match="a key is needed"):
            await gate_with_cookies(**known).admit("10.0.0.1", headers)


async def test_cookie_for_the_key_of_the_settings_ends_when_that_is_another():
    gate = gate_with_cookies("master")
    headers = with_cookie(await gate.cookie_for("master"))
    assert (await gate.admit("10.0.0.1", headers)).is_admin
    with pytest.raises(UnauthorizedError):
        await gate_with_cookies("another master").admit("10.0.0.1", headers)
    with pytest.raises(UnauthorizedError):
        await gate_with_cookies(k=ANNA).admit("10.0.0.1", headers)


async def test_nobody_gets_a_cookie_for_a_key_that_is_none():
    for wrong in ("", "wrong", "ü", "maste"):
        with pytest.raises(UnauthorizedError, match="not known"):
            await gate_with_cookies("master", k=ANNA).cookie_for(wrong)


async def test_stale_cookie_is_as_if_there_were_none():
    assert await gate_with_cookies().admit("127.0.0.1", with_cookie("abcdefgh.a.b")) == OWNER


def test_who_has_no_key_is_let_in_by_the_place_or_because_it_is_open():
    assert way_of(OWNER, {}) == "place"
    assert way_of(GUEST, {}) == "open"


# --- the dependency


def request(key="", peer="127.0.0.1", gate=None, limiter=None):
    state = SimpleNamespace(gate=gate or Gate(Keys(k=ANNA), access="auto"), limiter=limiter or Limiter("5/minute"))
    headers = [(b"x-api-key", key.encode())] if key else []
    client = peer and (peer, 1234)
    app = SimpleNamespace(state=state)
    return Request({"type": "http", "path": "/jobs", "headers": headers, "client": client, "app": app})


async def test_dependency_tells_who_asks_and_keeps_it_with_the_request():
    asked = request("k")
    caller = await require(Scope.READ)(asked)
    assert caller.owner == "studio"
    assert asked.state.caller is caller
    assert asked.state.standing.remaining == 1


async def test_dependency_refuses_what_the_key_may_not():
    with pytest.raises(ForbiddenError):
        await require(Scope.GENERATE)(request("k"))


async def test_request_counts_once_however_many_dependencies_ask():
    asked = request("k")
    await require(Scope.READ)(asked)
    await require(Scope.READ)(asked)
    assert asked.state.standing.remaining == 1


async def test_key_has_its_own_rate():
    limiter = Limiter("100/minute")
    for _ in range(2):
        await require(Scope.READ)(request("k", limiter=limiter))
    late = request("k", limiter=limiter)
    with pytest.raises(RateLimitError, match="2 per 1 minute"):
        await require(Scope.READ)(late)
    assert late.state.standing.retry_after > 0


async def test_request_without_a_peer_is_not_from_here():
    with pytest.raises(UnauthorizedError):
        await require(Scope.READ)(request(peer=None, gate=Gate(Keys(), access="auto")))


async def test_who_tries_keys_may_not_try_many():
    limiter = Limiter("2/minute")
    for _ in range(2):
        with pytest.raises(UnauthorizedError):
            await require(Scope.READ)(request("wrong", limiter=limiter))
    with pytest.raises(RateLimitError):
        await require(Scope.READ)(request("another", limiter=limiter))
    assert (await require(Scope.READ)(request("k", limiter=limiter))).owner == "studio"


# --- before the body


async def admitted(method, key="k", path="/jobs"):
    """Return how a request with a body that never comes is answered."""
    sent, reached = [], []

    async def app(scope, receive, send):
        reached.append(scope["state"]["caller"].owner if "caller" in scope.get("state", {}) else None)

    async def receive():
        raise AssertionError("read")

    async def send(message):
        sent.append(message)

    scope = dict(request(key).scope, method=method, path=path)
    await Admission(app, answer=lambda _, error: PlainTextResponse(error.code, 401))(scope, receive, send)
    return reached or (sent[0]["status"], dict(sent[0]["headers"]).get(b"connection"))


async def test_body_of_a_stranger_is_not_read():
    assert await admitted("POST", "wrong") == (401, b"close")


async def test_who_may_ask_is_known_before_the_body_is_read():
    assert await admitted("POST") == ["studio"]


async def test_request_that_brings_nothing_is_left_to_its_route():
    assert await admitted("GET", "wrong") == [None]


async def test_entrance_is_for_those_who_are_not_admitted_yet():
    assert await admitted("POST", "wrong", ENTRANCE) == [None]
    assert await admitted("DELETE", "", ENTRANCE) == [None]
    assert await admitted("POST", "wrong", f"{ENTRANCE}/") == (401, b"close")
