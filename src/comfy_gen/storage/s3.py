"""Puts files into a bucket of MinIO or any other S3, with ``boto3`` (extra ``s3``, loaded on first use)."""

from __future__ import annotations

import json
import mimetypes
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from comfy_gen.errors import StorageError
from comfy_gen.storage.boto import connect, is_no_bucket
from comfy_gen.storage.policies import readable_by_all

if TYPE_CHECKING:
    import os


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
        connection = connect(options)
        self._client, self._failures = connection.client, connection.failures

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
            if not is_no_bucket(error):
                return  # it is there, but may not be asked for; the upload will tell
            self._client.create_bucket(Bucket=name)
            self._client.put_bucket_policy(Bucket=name, Policy=json.dumps(readable_by_all(name)))
