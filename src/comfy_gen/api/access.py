"""Who asks: finds the key of a request, and decides whether the service answers.

@router.get("/jobs")
async def jobs(caller: Annotated[Caller, Depends(require(Scope.READ))]) -> …
"""

from __future__ import annotations

import base64
import hmac
import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from fastapi import Request  # noqa: TC002  # FastAPI reads the annotations when it runs
from starlette.requests import HTTPConnection

from comfy_gen.api.limits import check
from comfy_gen.api.paths import path_of
from comfy_gen.app.caller import ALL_SCOPES, Caller, Scope
from comfy_gen.app.cookie import key_id_of
from comfy_gen.composition.tier import Tier
from comfy_gen.errors import ComfyGenError, ForbiddenError, UnauthorizedError
from comfy_gen.jobs.api_key import digest_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Send
    from starlette.types import Scope as ASGIScope

    from comfy_gen.api.cookies import Jar
    from comfy_gen.jobs.keys import ApiKey, KeyStore

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""What a proxy adds: then the peer is not who asks."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing and bring nothing."""
OWNER = Caller(owner="", scopes=ALL_SCOPES, tier=Tier.EXPLICIT)
"""Whoever is at this machine, as long as there is no key."""
GUEST = Caller(owner="", scopes=frozenset({Scope.READ, Scope.GENERATE}))
"""Whoever reaches a service that is open to everybody: engines and other people's work are not for them to manage."""
STRANGER = Caller(owner="", scopes=frozenset())
"""Whoever is not admitted: their requests are counted by their address."""
SETTINGS = "settings"
"""The id of the key that the settings have."""
UNKNOWN = "this key is not known, or was revoked"
ENTRANCE = "/session"
"""Where one asks to be admitted, and so need not be already."""
_THUMBNAIL = re.compile(r"/artifacts/[^/]+/thumbnail")


@dataclass(frozen=True, slots=True)
class Door:
    """What stands at the entrance."""

    access: str
    """``auto``, ``keys`` or ``open``, as `ApiOptions.access` has it."""
    has_keys: bool
    """Whether there is or ever was one."""


def decide(door: Door, *, given: str, is_master: bool, found: ApiKey | None, is_here: bool) -> Caller:
    """Return who asks.

    Args:
        door: What stands at the entrance.
        given: The key that the request brought; empty where it brought none.
        is_master: Whether that is the key of the settings.
        found: The key of the database that it is.
        is_here: Whether the request surely comes from this machine.

    Raises:
        UnauthorizedError: nobody who may ask.
    """
    if is_master:
        return Caller(owner="", scopes=ALL_SCOPES, key_id=SETTINGS, name=SETTINGS, tier=Tier.EXPLICIT)
    if found is not None:
        return caller_of(found)
    if is_here and not door.has_keys and door.access != "keys":
        return OWNER
    if door.access == "open":
        return GUEST
    if given:
        raise UnauthorizedError(UNKNOWN)
    if door.access == "auto" and not door.has_keys:
        raise UnauthorizedError("as long as there is no key, the service answers this machine alone")
    raise UnauthorizedError


def caller_of(key: ApiKey) -> Caller:
    """Return who has a key."""
    scopes = frozenset(scope for scope in Scope if scope in key.scopes)
    return Caller(key.owner, scopes, key.key_id, key.name, key.rate, key.max_waiting, key.tier)


def way_of(caller: Caller, headers: Mapping[str, str]) -> Literal["key", "cookie", "place", "open"]:
    """Return what let somebody in."""
    if caller.key_id is not None:
        return "key" if key_in(headers) else "cookie"
    return "place" if caller == OWNER else "open"


def check_scope(caller: Caller, scope: Scope) -> None:
    """Do nothing, if the caller has a scope.

    Raises:
        ForbiddenError: they have not.
    """
    if not caller.may(scope):
        raise ForbiddenError(f"this key has not the scope {scope}", f"ask for one that has: it may {_said(caller)}.")


def key_in(headers: Mapping[str, str]) -> str:
    """Return the key that a request brings; empty if it brings none."""
    kind, _, given = headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        return given.strip()
    if kind.lower() == "basic" and (password := _password_in(given)):
        return password  # of programs that are told an address and nothing else: http://any:KEY@host
    if kind and not given and kind.lower() not in {"bearer", "basic"}:
        return kind  # bare, as some services' documents have it
    return headers.get("x-api-key", "").strip()


def _password_in(basic: str) -> str:
    try:
        return base64.b64decode(basic, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def is_from_here(peer: str | None, headers: Mapping[str, str]) -> bool:
    """Tell whether a request comes from this machine, and from no proxy on it that speaks for others."""
    return peer is not None and is_loopback(peer) and not any(name in headers for name in FORWARDED)


def is_loopback(host: str) -> bool:
    """Tell whether an address is this machine's own."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


class Held(NamedTuple):
    """The key that somebody has."""

    is_master: bool = False
    """Whether it is the one of the settings."""
    key: ApiKey | None = None
    """The one of the database that it is."""


class Gate:
    """Tells who sent a request."""

    def __init__(self, keys: KeyStore, *, access: str, master: str = "", jar: Jar | None = None) -> None:
        """Know the keys, and take cookies in their place if there is a jar for them."""
        self._keys = keys
        self._access = access
        self._master = master.encode()
        self._jar = jar

    async def has_keys(self) -> bool:
        """Tell whether there is or ever was a key."""
        return bool(self._master) or await self._keys.is_any()

    async def admit(self, peer: str | None, headers: Mapping[str, str]) -> Caller:
        """Return who asks. A key goes before a cookie.

        Raises:
            UnauthorizedError: nobody who may ask.
            DatabaseError: the keys cannot be read.
        """
        given = key_in(headers)
        held = await (self._held(given) if given else self._held_for_cookie(headers))
        return decide(
            Door(self._access, has_keys=await self.has_keys()),
            given=given,
            is_master=held.is_master,
            found=held.key,
            is_here=is_from_here(peer, headers),
        )

    async def cookie_for(self, given: str) -> str:
        """Return a cookie for a key.

        Raises:
            UnauthorizedError: the key is not known, or was revoked.
            DatabaseError: the keys cannot be read.
        """
        held = await self._held(given)
        if self._jar is not None and held.is_master:
            return self._jar.cookies.sign(SETTINGS, self._master_digest())
        if self._jar is not None and held.key is not None:
            return self._jar.cookies.sign(held.key.key_id, held.key.digest)
        raise UnauthorizedError(UNKNOWN)

    async def _held(self, given: str) -> Held:
        if self._master and hmac.compare_digest(given.encode("utf-8", "replace"), self._master):
            return Held(is_master=True)
        return Held(key=await self._keys.find(given))

    async def _held_for_cookie(self, headers: Mapping[str, str]) -> Held:
        """Return the key that a cookie stands for; one that stands for none is as if there were no cookie."""
        cookie = self._jar.cookie_in(headers) if self._jar is not None else ""
        if self._jar is None or not cookie:
            return Held()
        if self._master and self._jar.cookies.check(cookie, self._master_digest()):
            return Held(is_master=True)
        key = await self._keys.good(key_id_of(cookie))
        return Held(key=key if key is not None and self._jar.cookies.check(cookie, key.digest) else None)

    def _master_digest(self) -> str:
        return digest_of(self._master.decode())


def require(scope: Scope) -> Callable[[Request], Awaitable[Caller]]:
    """Return a dependency: who asks, once it is known that they may."""

    async def admitted(request: Request) -> Caller:
        caller = await caller_in(request)
        check_scope(caller, scope)
        return caller

    return admitted


async def caller_in(request: HTTPConnection) -> Caller:
    """Return who sent a request, within their rate; kept with it as ``request.state.caller``.

    Raises:
        UnauthorizedError: nobody who may ask.
        RateLimitError: they ask too often.
    """
    known: Caller | None = getattr(request.state, "caller", None)
    if known is not None:
        return known
    try:
        caller: Caller = await request.app.state.gate.admit(_peer(request), request.headers)
    except UnauthorizedError:
        await count(request, STRANGER)  # who tries keys shall not try many
        raise
    request.state.caller = caller
    await count(request, caller)
    return caller


async def count(request: HTTPConnection, caller: Caller) -> None:
    """Count a request for whoever sent it; how they stand is kept with it as ``request.state.standing``.

    Raises:
        RateLimitError: they ask too often.
    """
    state: Any = request.app.state
    is_small = caller is not STRANGER and _THUMBNAIL.fullmatch(path_of(request.scope)) is not None
    request.state.standing = await state.limiter.hit(caller, _peer(request) or "", is_small=is_small)
    check(request.state.standing)


class Admission:
    """ASGI: has nobody read the body of a request, or wait for it, before it is known who sends it."""

    def __init__(self, app: ASGIApp, *, answer: Callable[[ASGIScope, ComfyGenError], Response]) -> None:
        """Wrap an application; ``answer`` makes a response of an error."""
        self.app = app
        self._answer = answer

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        """Refuse a request, or have the application answer it."""
        if scope["type"] == "websocket" or (scope["type"] == "http" and scope["method"] not in SAFE):
            try:
                await _admit(HTTPConnection(scope))
            except ComfyGenError as error:
                response = self._answer(scope, error)
                response.headers["connection"] = "close"  # nobody reads the body
                await response(scope, receive, send)
                return
        await self.app(scope, receive, send)


async def _admit(request: HTTPConnection) -> None:
    if path_of(request.scope) == ENTRANCE:
        await count(request, STRANGER)
    else:
        await caller_in(request)


def _peer(request: HTTPConnection) -> str | None:
    return request.client.host if request.client else None


def _said(caller: Caller) -> str:
    return " and ".join(sorted(caller.scopes)) or "do nothing"
