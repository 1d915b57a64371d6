"""Puts files into a bucket of MinIO or any other S3, with ``boto3`` (extra ``s3``, loaded on first use)."""

from __future__ import annotations

import json
import mimetypes
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from comfy_gen.errors import MissingExtraError, StorageError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class BucketOptions:
    """Where a bucket is and who may write to it."""

    name: str = "comfy-gen"
    endpoint_url: str = "http://127.0.0.1:9000"
    access_key: str = ""
    """Empty: boto3 looks where it always does (its own variables, ``~/.aws``, the machine's role)."""
    secret_key: str = field(default="", repr=False)
    region: str = "us-east-1"
    public_url: str = ""
    """What readers reach the server by; the endpoint if empty."""


class Bucket:
    """One bucket. Blocking: call it from a thread where a loop runs."""

    def __init__(self, options: BucketOptions) -> None:
        """Connect lazily: nothing is sent before the first call.

        Raises:
            MissingExtraError: ``boto3`` is not installed.
        """
        self.options = options
        self._client, self._failures = _connect(options)

    def upload(self, path: str | os.PathLike[str], key: str) -> str:
        """Store a file under a key and return its public URL; a bucket that is missing is made, readable by all.

        The access rules of a bucket that exists are left as they are.

        Raises:
            StorageError: the file cannot be read, or the server does not take it.
        """
        kind = mimetypes.guess_type(key)[0] or "application/octet-stream"
        try:
            self._make_if_missing()
            self._client.upload_file(str(path), self.options.name, key, ExtraArgs={"ContentType": kind})
        except self._failures as error:
            raise StorageError(f"{Path(path).name} in bucket {self.options.name!r}", str(error)) from error
        return self.url(key)

    def url(self, key: str) -> str:
        """Return the address that a reader opens."""
        base = (self.options.public_url or self.options.endpoint_url).rstrip("/")
        return f"{base}/{self.options.name}/{quote(key)}"

    def _make_if_missing(self) -> None:
        name = self.options.name
        try:
            self._client.head_bucket(Bucket=name)
        except self._client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] not in {"404", "NoSuchBucket"}:
                return  # it is there, but may not be asked for; the upload will tell
            self._client.create_bucket(Bucket=name)
            self._client.put_bucket_policy(Bucket=name, Policy=json.dumps(readable_by_all(name)))


def readable_by_all(bucket: str) -> dict[str, Any]:
    """Return the policy that lets everybody read single objects, but neither list nor write."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": ["*"]},
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket}/*"],
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _connect(options: BucketOptions) -> tuple[Any, tuple[type[Exception], ...]]:
    """Return boto3's client and what it raises."""
    try:
        import boto3  # noqa: PLC0415  # an extra, heavy to load
        from boto3.exceptions import Boto3Error  # noqa: PLC0415
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtraError("a bucket", "s3") from error
    make_client = cast("Callable[..., Any]", boto3.client)  # it has no types of its own
    client = make_client(
        "s3",
        endpoint_url=options.endpoint_url,
        aws_access_key_id=options.access_key or None,
        aws_secret_access_key=options.secret_key or None,
        region_name=options.region,
        config=Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 3}, s3={"addressing_style": "path"}),
    )
    return client, (BotoCoreError, ClientError, Boto3Error, OSError)
