"""Connects to an S3 with ``boto3`` (extra ``s3``, loaded on first use), and says what its failures mean."""

from __future__ import annotations

import threading
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from comfy_gen.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable

    from comfy_gen.storage.s3 import BucketOptions

CONNECTIONS = 16
"""At a time, to one server."""
LONGEST_REASON = 300
"""Characters of what a server says of a failure: it may say anything."""
_MAY_PASS = frozenset({408, 409, 429})
"""Of the statuses that blame the request those that another attempt may not meet."""
_GONE = frozenset({"404", "NoSuchKey"})
_NO_BUCKET = frozenset({"404", "NoSuchBucket"})
_NO_LOGIN = {
    "NoCredentialsError": "there is no login to it",
    "PartialCredentialsError": "there is only one half of a login to it",
}
"""What boto3 raises before it asks a server; by name, for it is loaded late."""
_connecting = threading.Lock()
"""boto3's own session, which knows S3 once it has read about it, makes one client at a time."""


@dataclass(frozen=True, slots=True)
class Connection:
    """A client of boto3, and what it raises."""

    client: Any
    failures: tuple[type[Exception], ...]


def connect(
    options: BucketOptions, *, endpoint_url: str = "", is_guarded: bool = False, is_signed: bool = True
) -> Connection:
    """Return a client, which sends nothing yet. Blocks for a moment.

    A guarded one reaches public addresses only, and uses no proxy: the name that was looked at could be made to point
    elsewhere by then. One that does not sign has no login, and shows what everybody may do.

    Raises:
        MissingExtraError: ``boto3`` is not installed.
        Exception: one of boto3's: the endpoint is no URL.
    """
    try:
        import boto3  # noqa: PLC0415  # an extra, heavy to load
        from boto3.exceptions import Boto3Error  # noqa: PLC0415
        from botocore import UNSIGNED  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("a bucket", "s3") from error
    config = Config(
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "total_max_attempts": 3},
        max_pool_connections=CONNECTIONS,
        # The older version is what boto3 takes for links to servers that are not Amazon's.
        signature_version="s3v4" if is_signed else UNSIGNED,
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",  # by default it sends what half of the other servers refuse
        response_checksum_validation="when_required",
        **({"proxies": {}} if is_guarded else {}),
    )
    make_client = cast("Callable[..., Any]", boto3.client)  # it has no types of its own
    with _connecting:
        client = make_client(
            "s3",
            endpoint_url=endpoint_url or options.endpoint_url,
            aws_access_key_id=options.access_key or None,
            aws_secret_access_key=options.secret_key or None,
            region_name=options.region,
            config=config,
        )
    if is_guarded:
        from comfy_gen.storage.addresses import keep_public  # noqa: PLC0415  # brings aiohttp, and settings bring us

        keep_public(client)
    return Connection(client, (BotoCoreError, ClientError, Boto3Error, OSError))


def reason_of(error: Exception) -> str:
    """Return what a failure says, short and on one line: a server that a request named may say anything."""
    text = "".join(" " if unicodedata.category(one).startswith("C") else one for one in _said(error))
    return text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]} …"


def is_refusal(error: Exception) -> bool:
    """Tell whether the server understood and will not do it, however often it is asked."""
    status = _response(error).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return 400 <= status < 500 and status not in _MAY_PASS


def is_missing(error: Exception) -> bool:
    """Tell whether there is no such object."""
    return code_of(error) in _GONE


def is_no_bucket(error: Exception) -> bool:
    """Tell whether there is no such bucket."""
    return code_of(error) in _NO_BUCKET


def code_of(error: Exception) -> str:
    """Return S3's word for a failure, such as ``AccessDenied``; empty where it did not come from a server."""
    return str(_response(error).get("Error", {}).get("Code", ""))


def advice_on(error: Exception, options: BucketOptions) -> str:
    """Return what to do about a failure of any call."""
    kind = type(error).__name__
    if kind in _NO_LOGIN:
        return "set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY, or log in as boto3 does, in ~/.aws."
    if kind == "ParamValidationError":
        return "a bucket's name is 3 to 63 small letters, digits, points and dashes."
    if is_refusal(error):
        return "look at the bucket's name, the login and what it may do."
    return f"see that {options.endpoint_url} can be reached."


def _said(error: Exception) -> str:
    """Return what a server says of a failure, without boto3's words around it."""
    said = _response(error).get("Error", {})
    if said.get("Code") and said.get("Message"):
        return f"{str(said['Message']).rstrip('.')} ({said['Code']})"
    return {**_NO_LOGIN, "ParamValidationError": "it cannot have such a name"}.get(type(error).__name__) or str(error)


def _response(error: Exception) -> dict[str, Any]:
    return getattr(error, "response", None) or {}
