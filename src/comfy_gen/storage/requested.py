"""Opens the buckets that requests named: only where they may be, and with the login that was sealed."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

from yarl import URL

from comfy_gen.errors import InvalidParameterError, StorageError
from comfy_gen.guard import refusal
from comfy_gen.storage.addresses import public_addresses
from comfy_gen.storage.bucket_store import BucketStore
from comfy_gen.storage.destination import Destination
from comfy_gen.storage.s3 import BucketOptions

if TYPE_CHECKING:
    from comfy_gen.storage.seal import Login, Seal

LONGEST = 2_000
"""Characters of an address, or of a part of a login."""
_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]")
_REGION = re.compile(r"[A-Za-z0-9-]{1,63}")


class RequestedBuckets:
    """Makes a destination of what a request says, and a store of a destination."""

    def __init__(self, seal: Seal, *, allow_private: bool) -> None:
        self._seal = seal
        self._allow_private = allow_private

    def destination(self, *, endpoint_url: str, bucket: str, region: str, login: Login) -> Destination:
        """Return what is kept of a request's bucket, once it is known to be one that may be asked.

        Raises:
            InvalidParameterError: a value of it cannot work, or the address is not for requests to name.
            MissingExtraError: ``cryptography`` is not installed.
        """
        _check(bool(_BUCKET.fullmatch(bucket)), "s3.bucket_name", bucket, "3 to 63 letters, digits, points and dashes")
        _check(bool(_REGION.fullmatch(region)), "s3.region", region, "a region's name, such as us-east-1")
        # An empty one would have boto3 look for a login of this machine.
        _check_secret("s3.access_key_id", login.access_key)
        _check_secret("s3.secret_access_key", login.secret_key)
        reason = self._refusal(endpoint_url)
        if reason:
            raise InvalidParameterError("s3.endpoint_url", _shown(endpoint_url), f"another address: {reason}")
        return Destination(endpoint_url, bucket, region, self._seal.seal(login))

    async def open(self, destination: Destination) -> BucketStore:
        """Return the bucket of a destination.

        Raises:
            StorageError: it is at an address that requests may not name.
            SealError: the login was sealed with another secret.
            MissingExtraError: ``boto3`` or ``cryptography`` is not installed.
        """
        login = await asyncio.to_thread(self._seal.open, destination.sealed)
        _check_secret("s3.access_key_id", login.access_key)
        reason = self._refusal(destination.endpoint_url) or await self._unreachable(destination.endpoint_url)
        if reason:
            raise StorageError(f"files in bucket {destination.bucket!r}", reason, is_refused=True)
        options = BucketOptions(
            destination.bucket, destination.endpoint_url, login.access_key, login.secret_key, destination.region
        )
        return await asyncio.to_thread(BucketStore, options, is_guarded=not self._allow_private)

    def _refusal(self, endpoint_url: str) -> str:
        if len(endpoint_url) > LONGEST or not endpoint_url.isprintable():
            return "it is not a URL"
        reason = refusal(endpoint_url, allow_private=self._allow_private)
        if not reason and URL(endpoint_url).raw_user is not None:
            return "a login belongs into access_key_id and secret_access_key"
        return reason

    async def _unreachable(self, endpoint_url: str) -> str:
        """Return why no connection is tried; where it is made, each name is looked at once more."""
        url = URL(endpoint_url)
        if self._allow_private:
            return ""
        try:
            await asyncio.to_thread(public_addresses, url.raw_host or "", url.port or 443)
        except OSError as error:
            return str(error)
        return ""


def _check(is_fine: bool, name: str, value: str, expected: str) -> None:  # noqa: FBT001  # it is the question
    if not is_fine:
        raise InvalidParameterError(name, _shown(value), expected)


def _check_secret(name: str, value: str) -> None:
    if not value or len(value) > LONGEST or not value.isprintable():
        raise InvalidParameterError(name, "***", "a login to the bucket")


def _shown(value: str) -> str:
    try:
        bare = str(URL(value).with_user(None)) if "@" in value else value
    except ValueError:
        bare = "***"
    return bare if len(bare) <= 100 else f"{bare[:100]} …"
