"""Bounds what a request may bring: its size, what kind it is, how deeply its JSON is nested."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from comfy_gen.api.paths import path_of
from comfy_gen.errors import BodyTooLargeError, ComfyGenError, InvalidParameterError, UnsupportedMediaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

UPLOAD_LIMIT = 100 * 2**20
"""Bytes of an upload."""
SMALL_LIMIT = 4_096
"""Bytes of what is read of strangers."""
MAX_DEPTH = 100
"""Levels of JSON: whoever walks through it shall not run out of stack."""
_PASSES = 8
_RUN = re.compile(rb"\[+|\]+")
_OTHERS = bytes(set(range(256)) - set(b'[]{}"'))
_SQUARE = bytes.maketrans(b"{}", b"[]")
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
"""Of a character beyond U+FFFF, which JSON may write as two: emoji come like this from many programs."""


def is_json(content_type: str) -> bool:
    """Tell whether this is the media type of JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def nests_deeper(body: bytes, limit: int) -> bool:
    """Tell whether JSON has more than ``limit`` levels. For text that is no JSON the answer means nothing.

    It costs less than parsing would, whatever somebody sends: most of it is done by searching and replacing. Each time
    the innermost pairs of brackets are taken out, all that is left is one level less deep, and much shorter.
    """
    if body.count(b"[") + body.count(b"{") <= limit:
        return False
    brackets = _brackets_of(body)
    passes = min(_PASSES, limit)
    for _ in range(passes):
        brackets = brackets.replace(b"[]", b"")
    depth = 0
    for run in _RUN.finditer(brackets):
        length = run.end() - run.start()
        depth += length if run[0].startswith(b"[") else -length
        if depth > limit - passes:
            return True
    return False


def _brackets_of(body: bytes) -> bytes:
    """Return the brackets that are not in strings, all of them square."""
    unescaped = body.replace(rb"\\", b"").replace(rb"\"", b"")
    bare = unescaped.translate(_SQUARE, _OTHERS).replace(b'""', b"")  # two quotes that meet change no other's part
    return b"".join(bare.split(b'"')[::2])


def has_half_characters(body: bytes) -> bool:
    """Tell whether a text in JSON has half of a character: Python would read it, and could write it nowhere."""
    if not _HALF.search(body):
        return False
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except ValueError:  # it is no JSON, as whoever reads it will say
        return False
    return False


def declared_length(headers: Headers) -> int | None:
    """Return how long a body says it is: 0 where there is none, None where it does not say."""
    if "transfer-encoding" in headers:
        return None
    said = headers.get("content-length", "0")
    return int(said) if said.isascii() and said.isdigit() else None


class Bounds:
    """ASGI: answers what is out of bounds itself, without reading more of it than it has to."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        limit: int,
        answer: Callable[[Scope, ComfyGenError], Response],
        is_upload: Callable[[str, str], bool] = lambda _method, _path: False,
        upload_limit: int = UPLOAD_LIMIT,
        is_untyped: Callable[[str, str], bool] = lambda _method, _path: False,
        is_small: Callable[[str, str], bool] = lambda _method, _path: False,
    ) -> None:
        """Wrap an application.

        Args:
            app: What answers all others.
            limit: Bytes of a body of JSON.
            answer: Makes a response of an error.
            is_upload: Tells by method and path whether a body is a file, of any kind.
            upload_limit: Bytes of such a body.
            is_untyped: Tells by method and path whether a body is read as JSON, whatever it says it is.
            is_small: Tells of which requests a body is read before it is known who sends it.
        """
        self.app = app
        self._limit = limit
        self._answer = answer
        self._is_upload = is_upload
        self._upload_limit = upload_limit
        self._is_untyped = is_untyped
        self._is_small = is_small

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have the application do it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        length = declared_length(headers)
        try:
            _check_address(scope)
            if length == 0:
                await self.app(scope, receive, send)
            elif self._is_upload(scope["method"], path_of(scope)):
                await self._pass_upload(scope, receive, send, length)
            else:
                await self._pass_json(scope, receive, send, length)
        except _OutOfBoundsError as refusal:
            response = self._answer(scope, refusal.error)
            response.headers["connection"] = "close"  # nobody reads the rest
            await response(scope, receive, send)

    async def _pass_json(self, scope: Scope, receive: Receive, send: Send, length: int | None) -> None:
        limit = SMALL_LIMIT if self._is_small(scope["method"], path_of(scope)) else self._limit
        _check_length(length, limit)
        content_type = Headers(scope=scope).get("content-type", "")
        if not is_json(content_type) and not self._is_untyped(scope["method"], path_of(scope)):
            raise _OutOfBoundsError(UnsupportedMediaError(content_type[:100], "application/json"))
        body = await _read(receive, limit)
        if body is None:
            return  # who sent it is gone
        if nests_deeper(body, MAX_DEPTH):
            error = InvalidParameterError("the body", "nested too deeply", f"at most {MAX_DEPTH} levels deep")
            raise _OutOfBoundsError(error)
        if has_half_characters(body):
            error = InvalidParameterError("the body", "half of a character", "text that UTF-8 can hold")
            raise _OutOfBoundsError(error)
        await self.app(scope, _replaying(body, receive), send)

    async def _pass_upload(self, scope: Scope, receive: Receive, send: Send, length: int | None) -> None:
        _check_length(length, self._upload_limit)
        counter = _Counter(receive, send, self._upload_limit)
        try:
            await self.app(scope, counter.receive, counter.send)
        except _OutOfBoundsError:
            if counter.has_begun:
                raise  # it cannot be taken back
        if counter.is_over and not counter.has_begun:
            raise _OutOfBoundsError(BodyTooLargeError(self._upload_limit))


class _OutOfBoundsError(Exception):
    """Carries a refusal out of whatever reads the body."""

    def __init__(self, error: ComfyGenError) -> None:
        super().__init__(error)
        self.error = error


class _Counter:
    """Counts what is received, and holds back what an application says of a body that was cut off."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive = receive
        self._send = send
        self._left = limit
        self._limit = limit
        self.has_begun = False
        """Whether the answer has."""

    @property
    def is_over(self) -> bool:
        """Whether more was sent than may be."""
        return self._left < 0

    async def receive(self) -> Message:
        """Receive, within the bounds."""
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self.is_over:
            raise _OutOfBoundsError(BodyTooLargeError(self._limit))
        return message

    async def send(self, message: Message) -> None:
        """Send, unless our own answer comes in its place."""
        if self.is_over and not self.has_begun:
            return
        self.has_begun = True
        await self._send(message)


def _check_address(scope: Scope) -> None:
    """Refuse a path or query with a NUL, which no id or name has and PostgreSQL holds nowhere.

    Raises:
        _OutOfBoundsError: it has one.
    """
    if "\0" in scope["path"] or b"%00" in scope.get("query_string", b""):
        raise _OutOfBoundsError(InvalidParameterError("the address", "%00", "one without a NUL character"))


def _check_length(length: int | None, limit: int) -> None:
    if length is not None and length > limit:
        raise _OutOfBoundsError(BodyTooLargeError(limit))


async def _read(receive: Receive, limit: int) -> bytes | None:
    """Return the whole body; None if the connection ended first."""
    chunks: list[bytes] = []
    left = limit
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        left -= len(chunks[-1])
        if left < 0:
            raise _OutOfBoundsError(BodyTooLargeError(limit))
        if not message.get("more_body", False):
            return b"".join(chunks)


def _replaying(body: bytes, receive: Receive) -> Receive:
    """Return what gives the body once, and then whatever comes after it."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
