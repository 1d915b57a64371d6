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
_SCHEME = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]{16,}", re.IGNORECASE)


def masked(said: str, secrets: tuple[str, ...] = ()) -> str:
    """Return text without logins in URLs, keys in queries, headers of authority and the secrets that are named."""
    for secret in secrets:
        said = said.replace(secret, MASK)
    said = _LOGIN.sub(f"{MASK}@", said)
    said = _PARAMETER.sub(rf"\1{MASK}", said)
    said = _HEADER.sub(rf"\1{MASK}", said)
    return _SCHEME.sub(rf"\1 {MASK}", said)
