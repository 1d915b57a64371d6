"""Takes what is secret out of text that people will see. Pure."""

from __future__ import annotations

import re

MASK = "***"

# All of a login, for either half of it may be the key: http://TOKEN@host is as common as http://user:password@host.
_LOGIN = re.compile(r"(?<=://)[^\s/?#'\"@]*(?:@[^\s/?#'\"@]*)*@")
_PARAMETER = re.compile(
    r"([?&][\w.-]*(?:key|token|secret|signature|sig|credential|password|passwd|auth)=)[^\s&#'\"]+", re.IGNORECASE
)
_HEADER = re.compile(r"((?:authorization|x-api-key|cookie)['\"]?\s*[:=]\s*['\"]?)[^'\"\r\n]+", re.IGNORECASE)
_BEGINNING = re.compile(r"(?:[\w.-]+=)?(?:[\w+.-]+:/+)?")
"""Of an address, and what of it may be shown: the name that an engine gets, and the scheme."""
_SCHEME = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{16,}", re.IGNORECASE)


def masked(said: str, secrets: tuple[str, ...] = ()) -> str:
    """Return text without logins in URLs, keys in queries, headers of authority and the secrets that are named."""
    for secret in secrets:
        said = said.replace(secret, MASK)
    said = _LOGIN.sub(f"{MASK}@", said)
    said = _PARAMETER.sub(rf"\1{MASK}", said)
    said = _HEADER.sub(rf"\1{MASK}", said)
    return _SCHEME.sub(rf"\1 {MASK}", said)


def masked_address(said: str) -> str:
    """Return what should be an address, or several, without what may be a login: also where it is no address."""
    return "".join(map(_without_login, re.split(r"(\s+)", masked(said))))


def masked_misfit(said: str) -> str:
    """Return a text that is not what it should be, without what may be a login, though that may have blanks in it."""
    return _without_login(masked(said))


def _without_login(word: str) -> str:
    before, at, host = word.rpartition("@")
    if not at or not (":" in before or "/" in before):
        return word
    beginning = _BEGINNING.match(before)
    return f"{beginning[0] if beginning else ''}{MASK}@{host}"
