"""Refuses what a web page of somebody else sends: a service on one's own machine is open to every page one visits.

A page can have its own name lead to this machine (DNS rebinding), so that the browser takes the service for a part of
it: such a request says the page's name in ``Host``. And a page can send forms and plain text anywhere without asking:
such a request says where it comes from in ``Origin`` or ``Sec-Fetch-Site``.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from comfy_gen.api.access import SAFE, is_loopback
from comfy_gen.errors import ComfyGenError, ForbiddenError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from comfy_gen.config import ApiOptions

_PORTS = {"http": "80", "https": "443"}
_ALLOW = "name it in COMFYGEN_API_ALLOWED_HOSTS."


@dataclass(frozen=True, slots=True)
class Places:
    """By which names the service may be reached, and whose pages may use it."""

    hosts: frozenset[str] = frozenset()
    """Names that were set: with any of them, only they and this machine's own are served."""
    bound: str = "127.0.0.1"
    """What the service listens at."""
    origins: frozenset[str] = frozenset()

    @classmethod
    def of(cls, options: ApiOptions) -> Places:
        """Return what the settings say."""
        public = urlsplit(options.public_url)
        named = {*options.allowed_hosts, *([public.hostname] if public.hostname else [])}
        own = {f"{public.scheme}://{public.netloc}"} if public.netloc else set[str]()
        return cls(
            frozenset(name.lower() for name in named if options.allowed_hosts),
            options.host.lower(),
            frozenset(one.rstrip("/").lower() for one in {*options.cors_origins, *own}),
        )


def check_host(places: Places, host: str, *, asks_for_keys: bool, is_open: bool) -> None:
    """Do nothing, if a request may have come by this name.

    Where keys are asked for, a page that was not given one gets nothing by any name. Where everybody may ask, a name
    that nobody can register on the Internet may be used: an address, or one without a point.

    Raises:
        ForbiddenError: it may not.
    """
    name = name_of(host)
    if name in places.hosts or name == places.bound or is_of_this_machine(name):
        return
    is_lenient = not places.hosts and (asks_for_keys or (is_open and cannot_be_bought(name)))
    if not is_lenient:
        raise ForbiddenError(f"the service is not reached by the name {name[:100]!r}", _ALLOW)


def check_origin(places: Places, method: str, headers: Mapping[str, str]) -> None:
    """Do nothing, unless a request that may change something comes from another site's page.

    Raises:
        ForbiddenError: it does.
    """
    if method in SAFE:
        return  # without CORS the page cannot read the answer
    origin = headers.get("origin", "").lower()
    if origin in places.origins:
        return
    is_own = not origin or host_of(origin) == headers.get("host", "").lower()
    if not is_own or headers.get("sec-fetch-site") == "cross-site":
        advice = "have whoever runs the service name the site in COMFYGEN_API_CORS_ORIGINS."
        raise ForbiddenError("pages of other sites may not send this", advice)


def name_of(host: str) -> str:
    """Return the name or address in a ``Host`` header, without its port; empty if there is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def host_of(origin: str) -> str:
    """Return what ``Host`` says on a site: without the port that goes without saying."""
    scheme, _, rest = origin.partition("://")
    return rest.removesuffix(f":{_PORTS.get(scheme, '')}") if scheme in _PORTS else rest


def is_of_this_machine(name: str) -> bool:
    """Tell whether a name always means the machine that uses it."""
    return name == "localhost" or name.endswith(".localhost") or is_loopback(name)


def cannot_be_bought(name: str) -> bool:
    """Tell whether nobody can have this name lead somewhere else."""
    try:
        ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return bool(name) and "." not in name
    return True


class Origins:
    """ASGI: answers pages of other sites itself."""

    def __init__(
        self,
        app: ASGIApp,
        places: Places,
        *,
        access: str,
        has_keys: Callable[[Scope], Awaitable[bool]],
        answer: Callable[[Scope, ComfyGenError], Response],
    ) -> None:
        """Wrap an application.

        Args:
            app: What answers all others.
            places: By which names the service may be reached.
            access: As `ApiOptions.access` has it.
            has_keys: Tells whether there are keys, for the scope of a request.
            answer: Makes a response of an error.
        """
        self.app = app
        self._places = places
        self._access = access
        self._has_keys = has_keys
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have the application do it."""
        if scope["type"] in {"http", "websocket"}:
            try:
                await self._check(scope)
            except ComfyGenError as error:
                await self._answer(scope, error)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        # A page may open a WebSocket to any site, and read what comes: it counts as what changes something.
        check_origin(self._places, scope.get("method", "POST"), headers)
        asks = self._access == "keys" or (self._access == "auto" and await self._has_keys(scope))
        check_host(self._places, headers.get("host", ""), asks_for_keys=asks, is_open=self._access == "open")
