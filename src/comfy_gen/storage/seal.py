"""Seals the logins that requests bring, so that what is kept of a request tells nobody how to log in."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from comfy_gen.errors import MissingExtraError, SealError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

CONTEXT = b"comfygen s3 login"
"""Has the key serve for this alone, whatever else is derived from the same secret."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who may write to a bucket."""

    access_key: str
    secret_key: str = field(repr=False)


class Seal:
    """Opens what was sealed with the same secret, and nothing else."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def seal(self, login: Login) -> str:
        """Return a login as it may be kept: different each time, and readable to nobody without the secret.

        Raises:
            MissingExtraError: ``cryptography`` is not installed.
        """
        plain = json.dumps([login.access_key, login.secret_key]).encode()
        return _fernet(self._secret)[0].encrypt(plain).decode()

    def open(self, sealed: str) -> Login:
        """Return the login that was sealed.

        Raises:
            SealError: it was sealed with another secret, or changed since.
            MissingExtraError: ``cryptography`` is not installed.
        """
        fernet, failure = _fernet(self._secret)
        try:
            access_key, secret_key = json.loads(fernet.decrypt(sealed.encode()))
        except (failure, ValueError) as error:
            raise SealError("the login to the request's bucket") from error
        return Login(access_key, secret_key)


def _fernet(secret: str) -> tuple[Fernet, type[Exception]]:
    """Return what seals, and what it raises."""
    try:
        from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415  # an extra
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("a bucket of a request", "s3") from error
    key = HKDF(SHA256(), length=32, salt=None, info=CONTEXT).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(key)), InvalidToken
