"""Makes a bucket, says who may read it, and lists what is in it. Blocking, for the command line."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from comfy_gen.errors import StorageError
from comfy_gen.storage.boto import advice_on, code_of, connect, is_missing, is_no_bucket, is_refusal, reason_of
from comfy_gen.storage.policies import allowed_to_all, allows_reading, closed, opened
from comfy_gen.storage.stored_file import StoredFile

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from comfy_gen.storage.s3 import BucketOptions

_NO_POLICY = frozenset({"NoSuchBucketPolicy"})
_OURS_ALREADY = frozenset({"BucketAlreadyOwnedByYou"})
_NOT_KNOWN = frozenset({"NotImplemented", "MethodNotAllowed", "UnsupportedOperation", "InvalidRequest"})
_NO_RULES = "this server keeps no policies; it may be told in its own way who may read."
LINK_LIFETIME = 3600
"""Seconds for which a link into a private bucket is good."""


@dataclass(frozen=True, slots=True)
class Access:
    """What everybody may do with a bucket, without a login."""

    allowed: tuple[str, ...]
    """The actions that its policy allows."""
    reads: bool | None
    """Whether an object could be read, by one who tried; None where there is none to try it with."""
    lists: bool
    """Whether the objects could be listed."""

    @property
    def is_public(self) -> bool:
        """Whether everybody who knows an object's address can read it, as far as is known."""
        return allows_reading(self.allowed) if self.reads is None else self.reads


class BucketRules:
    """One bucket, as those who look after it see it."""

    def __init__(self, options: BucketOptions) -> None:
        """Connect lazily: nothing is sent before the first call.

        Raises:
            MissingExtraError: ``boto3`` is not installed.
            StorageError: the endpoint is no URL.
        """
        self.options = options
        try:
            connection = connect(options)
            self._signer = connect(options, endpoint_url=options.public_url).client if options.public_url else None
        except ValueError as error:
            raise StorageError(f"files in bucket {options.name!r}", str(error), is_refused=True) from error
        self._client, self._failures = connection.client, connection.failures

    def make(self) -> bool:
        """Make the bucket, which nobody else may read; False if it is there already.

        Raises:
            StorageError: it is not there, and cannot be made; or it is somebody else's.
        """
        name, region = self.options.name, self.options.region
        with self._failing("make", f"bucket {name!r}"):
            if self._is_there():
                return False
            place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
            try:
                self._client.create_bucket(Bucket=name, **place)
            except self._failures as error:
                if code_of(error) not in _OURS_ALREADY:
                    raise
                return False
        return True

    def open_to_all(self) -> Access:
        """Have everybody read single objects, and do nothing else; return what they may do now.

        Raises:
            StorageError: the server does not do it, or knows no policies.
        """
        self._set(opened(self.policy(), self.options.name))
        return self.access()

    def close_to_all(self) -> Access:
        """Have nobody do anything without a login; return what they may do now.

        Raises:
            StorageError: the server does not do it, or knows no policies.
        """
        self._set(closed(self.policy()))
        return self.access()

    def access(self) -> Access:
        """Return what everybody may do: by the policy, and as one who tried it found.

        Raises:
            StorageError: the bucket is not there, or its policy may not be looked at.
        """
        allowed = allowed_to_all(self.policy())
        stranger, some = connect(self.options, is_signed=False).client, next(self.files(), None)
        with self._failing("look at", f"bucket {self.options.name!r}"):
            reads = None if some is None else self._may(stranger.get_object, Key=some.key)
            return Access(allowed, reads, self._may(stranger.list_objects_v2, MaxKeys=1))

    def policy(self) -> Mapping[str, Any] | None:
        """Return the bucket's policy; None where it has none.

        Raises:
            StorageError: the bucket is not there, or its policy may not be looked at.
        """
        with self._failing("read", f"the policy of bucket {self.options.name!r}"):
            try:
                text = self._client.get_bucket_policy(Bucket=self.options.name)["Policy"]
            except self._failures as error:
                if code_of(error) in _NO_POLICY:
                    return None
                raise
        try:
            return json.loads(text)
        except ValueError as error:  # a server that knows no policies may take this for the question what is in it
            target, reason = f"the policy of bucket {self.options.name!r}", "what the server answered is none"
            raise StorageError(target, reason, _NO_RULES, "read", is_refused=True) from error

    def files(self, prefix: str = "") -> Iterator[StoredFile]:
        """Yield the objects whose keys begin so, in the order of their keys.

        Raises:
            StorageError: they may not be listed.
        """
        with self._failing("list", f"bucket {self.options.name!r}"):
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.options.name, Prefix=prefix):
                for one in page.get("Contents", ()):
                    yield StoredFile(one["Key"], one["Size"], one["LastModified"].timestamp())

    def link(self, key: str, *, is_public: bool) -> str:
        """Return an address where a browser finds an object: for an hour, where not everybody may read the bucket.

        Raises:
            StorageError: there is no login to sign it with.
        """
        if is_public:
            base = (self.options.public_url or self.options.endpoint_url).rstrip("/")
            return f"{base}/{self.options.name}/{quote(key)}"
        about = {"Bucket": self.options.name, "Key": key}
        with self._failing("sign a link to", key):
            signer = self._signer or self._client
            return signer.generate_presigned_url("get_object", Params=about, ExpiresIn=LINK_LIFETIME)

    def _set(self, policy: Mapping[str, Any] | None) -> None:
        with self._failing("set", f"the policy of bucket {self.options.name!r}"):
            if policy is None:
                self._client.delete_bucket_policy(Bucket=self.options.name)
            else:
                self._client.put_bucket_policy(Bucket=self.options.name, Policy=json.dumps(policy))

    def _is_there(self) -> bool:
        try:
            self._client.head_bucket(Bucket=self.options.name)
        except self._failures as error:
            if is_no_bucket(error):
                return False
            raise
        return True

    def _may(self, ask: Any, **arguments: Any) -> bool:
        """Tell whether somebody may do something."""
        try:
            answer = ask(Bucket=self.options.name, **arguments)
        except self._failures as error:
            if is_missing(error) or is_refusal(error):  # an object may have gone since it was listed
                return False
            raise
        if "Body" in answer:  # it is not read
            answer["Body"].close()
        return True

    @contextmanager
    def _failing(self, doing: str, target: str) -> Generator[None]:
        try:
            yield
        except self._failures as error:
            refused = is_refusal(error)
            advice = self._advice(error, doing)
            raise StorageError(target, reason_of(error), advice, doing, is_refused=refused) from error

    def _advice(self, error: Exception, doing: str) -> str:
        code = code_of(error)
        if is_no_bucket(error):
            return f"make it: comfygen storage create-bucket {self.options.name}"
        if code in _NOT_KNOWN:
            return _NO_RULES
        if is_refusal(error) and doing == "set":
            return (
                "look at the bucket's name, the login and what it may do; Amazon's also needs its Block Public Access"
                " switched off before a bucket is made public."
            )
        return advice_on(error, self.options)
