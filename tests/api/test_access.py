"""Who is let in."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from comfy_gen.api.access import (
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
)
from comfy_gen.api.limits import Limiter
from comfy_gen.app.caller import Scope
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


# --- the dependency


def request(key="", peer="127.0.0.1", gate=None, limiter=None):
    state = SimpleNamespace(gate=gate or Gate(Keys(k=ANNA), access="auto"), limiter=limiter or Limiter("5/minute"))
    headers = [(b"x-api-key", key.encode())] if key else []
    client = peer and (peer, 1234)
    return Request({"type": "http", "headers": headers, "client": client, "app": SimpleNamespace(state=state)})


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


# --- before the body


async def admitted(method, key="k"):
    """Return how a request with a body that never comes is answered."""
    sent, reached = [], []

    async def app(scope, receive, send):
        reached.append(scope["state"]["caller"].owner if "caller" in scope.get("state", {}) else None)

    async def receive():
        raise AssertionError("read")

    async def send(message):
        sent.append(message)

    scope = dict(request(key).scope, method=method)
    await Admission(app, answer=lambda error: PlainTextResponse(error.code, 401))(scope, receive, send)
    return reached or (sent[0]["status"], dict(sent[0]["headers"]).get(b"connection"))


async def test_body_of_a_stranger_is_not_read():
    assert await admitted("POST", "wrong") == (401, b"close")


async def test_who_may_ask_is_known_before_the_body_is_read():
    assert await admitted("POST") == ["studio"]


async def test_request_that_brings_nothing_is_left_to_its_route():
    assert await admitted("GET", "wrong") == [None]
