"""The cookie of a browser that was let in: where it is found in a request, and how it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.requests import cookie_parser

from comfy_gen.api.origins import host_of
from comfy_gen.app.cookie import LIFETIME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from comfy_gen.app.cookie import Cookies

NAME = "comfygen_session"
_OWN = frozenset({"", "same-origin", "none"})
"""What a browser says of its own page's requests in ``Sec-Fetch-Site``: a page at another port is ``same-site``."""


class Jar:
    """What is needed to take cookies back."""

    def __init__(self, cookies: Cookies, *, public_url: str = "") -> None:
        """Take cookies from pages of this service alone, where a proxy may have it at another address."""
        self.cookies = cookies
        self._public = public_url.rstrip("/").lower()

    def cookie_in(self, headers: Mapping[str, str]) -> str:
        """Return the cookie that a request brings; empty if it brings none, or another site's page sent it.

        Browsers know no ports where cookies are concerned: they send ours along with what a page sends that any other
        program on this machine serves.
        """
        if "cookie" not in headers or not self._is_own_page(headers):
            return ""
        return cookie_parser(headers["cookie"]).get(NAME, "")

    def _is_own_page(self, headers: Mapping[str, str]) -> bool:
        if headers.get("sec-fetch-site", "").lower() not in _OWN:
            return False
        origin = headers.get("origin", "").lower()
        return not origin or host_of(origin) == headers.get("host", "").lower() or self._is_public(origin)

    def _is_public(self, origin: str) -> bool:
        return self._public == origin or self._public.startswith(f"{origin}/")


def give(request: Request, response: Response, cookie: str) -> None:
    """Send a browser its cookie, which its scripts cannot read, and which it sends along with no other site's links."""
    response.set_cookie(
        NAME, cookie, max_age=LIFETIME, path="/", secure=is_https(request), httponly=True, samesite="strict"
    )


def take_away(request: Request, response: Response) -> None:
    """Have a browser forget its cookie."""
    response.delete_cookie(NAME, path="/", secure=is_https(request), httponly=True, samesite="strict")


def is_https(request: Request) -> bool:
    """Tell whether a browser came by https: it says so itself where a proxy does not."""
    return request.url.scheme == "https" or request.headers.get("origin", "").lower().startswith("https://")
