"""Keeps finished files in a bucket of S3, MinIO or another server that speaks its language."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import mimetypes
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from comfy_gen.errors import ArtifactGoneError, StorageError
from comfy_gen.storage.boto import (
    CONNECTIONS,
    advice_on,
    code_of,
    connect,
    is_missing,
    is_no_bucket,
    is_refusal,
    reason_of,
)
from comfy_gen.storage.disposition import disposition
from comfy_gen.storage.store import Stored, check_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator

    from comfy_gen.storage.s3 import BucketOptions

T = TypeVar("T")
log = logging.getLogger(__name__)

CHUNK = 256 * 1024
PART = 8 * 1024 * 1024
"""Bytes: a file up to this size is sent at once, a larger one in parts of it, one after the other."""
LONGEST_LINK = 7 * 86_400
"""Seconds: no server takes links that are good for longer."""
_OURS_ALREADY = frozenset({"BucketAlreadyOwnedByYou"})


class BucketStore:
    """An `ArtifactStore` in a bucket. boto3 blocks, so it works in threads: its own, for a server may be slow."""

    def __init__(self, options: BucketOptions, *, is_guarded: bool = False) -> None:
        """Connect lazily: nothing is sent before the first call. Blocks for a moment.

        Raises:
            MissingExtraError: ``boto3`` is not installed.
            StorageError: the endpoint is no URL.
        """
        self.options = options
        try:
            self._client, self._failures = _connected(options, is_guarded=is_guarded)
            self._signer = self._client
            if options.public_url:  # what is signed holds the host's name
                self._signer, _ = _connected(options, endpoint_url=options.public_url, is_guarded=is_guarded)
        except ValueError as error:
            raise StorageError(f"files in bucket {options.name!r}", str(error), is_refused=True) from error
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="bucket")

    @classmethod
    async def open(cls, options: BucketOptions) -> BucketStore:
        """Return the store; a bucket that is missing is made, and nobody else may read it.

        Raises:
            MissingExtraError: ``boto3`` is not installed.
            StorageError: the bucket is not to be had.
        """
        store = await asyncio.to_thread(cls, options)
        await store.make_if_missing()
        return store

    async def make_if_missing(self) -> None:
        """Make the bucket, private; the access rules of one that exists are left as they are.

        Raises:
            StorageError: the bucket is not to be had.
        """
        with self._failing("files"):
            await self._run(self._make_if_missing)

    async def put(self, key: str, chunks: AsyncIterator[bytes], *, is_durable: bool = True) -> Stored:  # noqa: ARG002  # a bucket's files all are
        """See `ArtifactStore.put`."""
        check_key(key)
        digest, size = hashlib.sha256(), 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in chunks:
                size += len(chunk)
                digest.update(chunk)
                yield chunk

        parts = _parts(counted())
        with self._failing(key):
            first = await anext(parts)
            if len(first) < PART:
                await self._ask("put_object", Key=key, Body=first, ContentType=_kind(key))
            else:
                await self._put_parts(key, first, parts)
        return Stored(size, digest.hexdigest())

    async def _put_parts(self, key: str, first: bytes, others: AsyncIterator[bytes]) -> None:
        upload = await self._ask("create_multipart_upload", Key=key, ContentType=_kind(key))
        about = {"Key": key, "UploadId": upload["UploadId"]}
        try:
            tags = [await self._put_part(about, 1, first)]
            async for part in others:
                if part:
                    tags.append(await self._put_part(about, len(tags) + 1, part))
            await self._ask("complete_multipart_upload", **about, MultipartUpload={"Parts": tags})
        except BaseException:
            self._threads.submit(self._abort, about)  # nobody waits: a server that is away takes minutes to be missed
            raise

    def _abort(self, about: dict[str, Any]) -> None:
        with suppress(*self._failures):  # it may be complete, too; what failed before is what to tell
            self._client.abort_multipart_upload(Bucket=self.options.name, **about)

    async def _put_part(self, about: dict[str, Any], number: int, part: bytes) -> dict[str, Any]:
        answer = await self._ask("upload_part", **about, PartNumber=number, Body=part)
        return {"ETag": answer["ETag"], "PartNumber": number}

    async def read(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """See `ArtifactStore.read`."""
        check_key(key)
        with self._failing(key, "read"):
            if stop is not None and stop <= start:  # no range says this
                await self._ask("head_object", Key=key)
                return
            body = await self._body(key, start, stop)
            if body is None:
                return
            try:
                while chunk := await self._run(body.read, CHUNK):
                    yield chunk
            finally:
                self._threads.submit(body.close)  # it waits for a read that was given up

    async def _body(self, key: str, start: int, stop: int | None) -> Any:
        """Return what to read a file from; None where it ends before the range begins."""
        last = "" if stop is None else stop - 1
        part = {"Range": f"bytes={start}-{last}"} if start or stop is not None else {}
        try:
            return (await self._ask("get_object", Key=key, **part))["Body"]
        except self._failures as error:
            if code_of(error) == "InvalidRange":
                return None
            raise

    async def exists(self, key: str) -> bool:
        """See `ArtifactStore.exists`."""
        check_key(key)
        try:
            with self._failing(key, "read"):
                await self._ask("head_object", Key=key)
        except ArtifactGoneError:
            return False
        return True

    async def delete(self, key: str) -> None:
        """See `ArtifactStore.delete`."""
        check_key(key)
        with suppress(ArtifactGoneError), self._failing(key, "delete"):
            await self._ask("delete_object", Key=key)

    async def url(self, key: str, *, seconds: float, filename: str) -> str:
        """See `ArtifactStore.url`; it is good for seven days at most."""
        about = {
            "Bucket": self.options.name,
            "Key": check_key(key),
            "ResponseContentDisposition": disposition(filename),
        }
        lifetime = max(1, min(int(seconds), LONGEST_LINK))
        with self._failing(key, "read"):
            # In a thread: where no login is set, the machine's role is asked for one.
            return await self._run(self._signer.generate_presigned_url, "get_object", Params=about, ExpiresIn=lifetime)

    # --- how

    async def _ask(self, operation: str, **arguments: Any) -> Any:
        return await self._run(getattr(self._client, operation), Bucket=self.options.name, **arguments)

    async def _run(self, call: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Return what a call in a thread returns. Being cancelled leaves it to end on its own: it cannot be stopped."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(call, *args, **kwargs))

    def _make_if_missing(self) -> None:
        name, region = self.options.name, self.options.region
        try:
            self._client.head_bucket(Bucket=name)
        except self._client.exceptions.ClientError as error:
            if not is_no_bucket(error):  # it is there, and some logins may write to it but not ask for it
                log.warning("bucket %r may not be looked at (%s); the first file will tell", name, code_of(error))
                return
            self._make(name, region)

    def _make(self, name: str, region: str) -> None:
        place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        try:
            self._client.create_bucket(Bucket=name, **place)
        except self._client.exceptions.ClientError as error:
            if code_of(error) not in _OURS_ALREADY:  # as of another process, a moment ago
                raise

    @contextmanager
    def _failing(self, key: str, doing: str = "store") -> Generator[None]:
        try:
            yield
        except self._failures as error:
            if doing != "store" and is_missing(error):
                raise ArtifactGoneError(key) from error
            target, advice = f"{key} in bucket {self.options.name!r}", advice_on(error, self.options)
            raise StorageError(target, reason_of(error), advice, doing, is_refused=is_refusal(error)) from error


def _connected(options: BucketOptions, **how: Any) -> tuple[Any, tuple[type[Exception], ...]]:
    connection = connect(options, **how)
    return connection.client, connection.failures


def _kind(key: str) -> str:
    return mimetypes.guess_type(key)[0] or "application/octet-stream"


async def _parts(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the content in parts of one size, but for the last, which is smaller and may be empty."""
    part = bytearray()
    async for chunk in chunks:
        part += chunk
        while len(part) >= PART:
            yield bytes(part[:PART])
            del part[:PART]
    yield bytes(part)
