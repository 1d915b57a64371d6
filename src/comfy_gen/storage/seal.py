"""Seals the secrets that requests bring, so that what is kept of a request tells nobody how to log in."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from comfy_gen.errors import MissingExtraError, SealError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

LOGINS = b"comfygen s3 login"
"""Has a key serve for logins to buckets alone, whatever else is derived from the same secret."""


@dataclass(frozen=True, slots=True)
class Login:
    """Who may write to a bucket."""

    access_key: str
    secret_key: str = field(repr=False)


class Seal:
    """Opens what was sealed with the same secret for the same purpose, and nothing else."""

    def __init__(self, secret: str, purpose: bytes = LOGINS) -> None:
        self._secret = secret
        self._purpose = purpose

    def seal(self, login: Login) -> str:
        """Return a login as it may be kept: different each time, and readable to nobody without the secret.

        Raises:
            MissingExtraError: ``cryptography`` is not installed.
        """
        return self.seal_data([login.access_key, login.secret_key], feature="a bucket of a request")

    def open(self, sealed: str) -> Login:
        """Return the login that was sealed.

        Raises:
            SealError: it was sealed with another secret, or changed since.
            MissingExtraError: ``cryptography`` is not installed.
        """
        what = "the login to the request's bucket"
        try:
            access_key, secret_key = self.open_data(sealed, what=what, feature="a bucket of a request")
        except (TypeError, ValueError) as error:
            raise SealError(what) from error
        return Login(access_key, secret_key)

    def seal_data(self, data: object, *, feature: str) -> str:
        """Return plain JSON data as it may be kept; ``feature`` is what nobody can have without the library.

        Raises:
            MissingExtraError: ``cryptography`` is not installed.
        """
        fernet, _ = self._fernet(feature)
        return fernet.encrypt(json.dumps(data).encode()).decode()

    def open_data(self, sealed: str, *, what: str, feature: str) -> Any:
        """Return the data that was sealed; ``what`` names it.

        Raises:
            SealError: it was sealed with another secret, or changed since.
            MissingExtraError: ``cryptography`` is not installed.
        """
        fernet, failure = self._fernet(feature)
        try:
            return json.loads(fernet.decrypt(sealed.encode()))
        except (failure, ValueError) as error:
            raise SealError(what) from error

    def _fernet(self, feature: str) -> tuple[Fernet, type[Exception]]:
        """Return what seals, and what it raises."""
        try:
            from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415  # an extra
            from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
            from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415
        except ImportError as error:
            raise MissingExtraError(feature, "s3") from error
        key = HKDF(SHA256(), length=32, salt=None, info=self._purpose).derive(self._secret.encode())
        return Fernet(base64.urlsafe_b64encode(key)), InvalidToken
