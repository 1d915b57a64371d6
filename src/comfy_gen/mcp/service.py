"""What agents' tools ask of a ComfyGen service, over whichever way leads to it: its HTTP API, and its streams."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote, urlencode

from comfy_gen.errors import InvalidParameterError, ServiceProblemError, ServiceUnreachableError
from comfy_gen.mcp.event_stream import EventReader, JobEvent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping

    from comfy_gen.mcp.transports.transport import Reply, Transport

PATIENCE = 30.0
"""Seconds in which each request is answered, or is not; streams may take longer."""
_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 2.0
"""Seconds until a stream that broke off is opened anew."""
NOT_OURS = "not_comfygen"
"""The code of an answer that comes from a proxy, or from somebody else."""
PASSING = frozenset({429, 500, 502, 503, 504})
"""Statuses of a service, or of a proxy in front of it, that is about to be well again."""


def path_to(*parts: str) -> str:
    """Return the path of something whose name somebody else chose: ``path_to("jobs", job_id, "cancel")``.

    Raises:
        InvalidParameterError: a part cannot be one of a path.
    """
    for part in parts:
        # A server reads a quoted slash as one, and the path would be that of something else.
        if part in ("", ".", "..") or "\0" in part or "/" in part:
            raise InvalidParameterError("the id or name", part, "one that the service told")
    return "".join(f"/{quote(part, safe='')}" for part in parts)


class Service:
    """A ComfyGen service. Every answer of its API is an object.

    Each method raises ServiceProblemError where the service refuses, and ServiceUnreachableError where nobody answers.
    """

    def __init__(
        self, transport: Transport, headers: Iterable[tuple[str, str]] = (), *, patience: float = PATIENCE
    ) -> None:
        """Know a way to a service, what is said with each request, and in how many seconds each must be answered."""
        self._transport = transport
        self._headers = dict(headers)
        self._patience = patience

    @property
    def url(self) -> str:
        """Where it is, for people."""
        return self._transport.url

    async def get(self, path: str, **params: object) -> dict[str, Any]:
        """Ask for something. Parameters that are None are left out, and a list is said again for each."""
        return await self._ask("GET", path, params=params)

    async def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        params: Mapping[str, object] | None = None,
        idempotency_key: str = "",
    ) -> dict[str, Any]:
        """Have something done. With an ``idempotency_key`` it is done once, however often it is asked for."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return await self._ask("POST", path, params=params or {}, body=body, headers=headers)

    async def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Have something be as the body says."""
        return await self._ask("PUT", path, body=body)

    async def delete(self, path: str, **params: object) -> dict[str, Any]:
        """Have something forgotten; the answer may be empty."""
        return await self._ask("DELETE", path, params=params)

    async def upload(self, content: bytes) -> dict[str, Any]:
        """Give a file to the service, whose answer says by which ``image`` workflows get it."""
        headers = {"Content-Type": "application/octet-stream"}
        async with self._opened("POST", "/uploads", headers=headers, content=content) as reply:
            return _object_in(await reply.read(), self.url)

    async def content(self, path: str, *, most: int | None = None) -> tuple[bytes, str]:
        """Return a file and its media type; one of more bytes than ``most`` is refused."""
        async with self._opened("GET", path) as reply:
            content = await (reply.read() if most is None else _read(reply, most))
            return content, reply.headers.get("content-type", "application/octet-stream")

    async def events(self, job_id: str, after: int = 0) -> AsyncGenerator[JobEvent]:
        """Yield what happens to a job, from the event after this one on; the last has the type ``end``.

        Where the stream breaks off it is opened anew, and goes on where it was: as often as it takes, so that whoever
        reads it decides how long that is worth. It is over before the ``end`` where this process is about to end.

        Raises:
            ServiceProblemError: the service refuses, and not for the moment alone.
        """
        last, pause = after, _FIRST_PAUSE
        while True:
            try:
                async with aclosing(self._stream(job_id, last)) as stream:
                    async for event in stream:
                        last, pause = event.number or last, _FIRST_PAUSE
                        yield event
                        if event.type == "end":
                            return
            except ServiceUnreachableError as error:
                if error.is_ending:
                    return  # and this process with it: whoever reads has to answer before
            except ServiceProblemError as error:
                if error.status not in PASSING:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _stream(self, job_id: str, after: int) -> AsyncGenerator[JobEvent]:
        reader = EventReader()
        headers = {"Accept": "text/event-stream", "Last-Event-ID": str(after)}
        target = f"{path_to('jobs', job_id, 'events')}?previews=none"
        async with (
            self._opened("GET", target, headers=headers, is_stream=True) as reply,
            aclosing(reply.chunks()) as chunks,
        ):
            async for chunk in chunks:
                for event in reader.feed(chunk):
                    yield event

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, object] | None = None,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        said = {**(headers or {}), **({} if body is None else {"Content-Type": "application/json"})}
        content = b"" if body is None else json.dumps(body).encode()
        async with self._opened(method, path + _query(params or {}), headers=said, content=content) as reply:
            return _object_in(await reply.read(), self.url)

    @asynccontextmanager
    async def _opened(
        self,
        method: str,
        target: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        is_stream: bool = False,
    ) -> AsyncGenerator[Reply]:
        said = {"Accept": "application/json, */*", **self._headers, **(headers or {})}
        try:
            async with (
                asyncio.timeout(None if is_stream else self._patience),
                self._transport.open(method, target, headers=said, content=content) as reply,
            ):
                if reply.status >= 300:
                    raise _problem_of(reply, await reply.read())
                yield reply
        except TimeoutError as error:
            raise ServiceUnreachableError(self.url, f"no answer within {self._patience:g} s") from error


async def _read(reply: Reply, most: int) -> bytes:
    """Return a body that is not too large; no more of it is held than is allowed.

    Raises:
        ServiceProblemError: it is.
    """
    content = bytearray()
    async with aclosing(reply.chunks()) as chunks:
        async for chunk in chunks:
            content += chunk
            if len(content) > most:
                told = f"the file has more than {most // 2**20} MB, which is too much to be passed on here"
                raise ServiceProblemError(413, "too_large", told, "fetch it by its url.")
    return bytes(content)


def _query(params: Mapping[str, object]) -> str:
    pairs: list[tuple[str, str]] = []
    for name, value in params.items():
        several = cast("Iterable[object]", value) if isinstance(value, list | tuple | set | frozenset) else (value,)
        pairs += [(name, _text(one)) for one in several if one is not None]
    return f"?{urlencode(pairs)}" if pairs else ""


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _object_in(content: bytes, url: str) -> dict[str, Any]:
    if not content:
        return {}
    try:
        found: object = json.loads(content)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        advice = "give the address at which its /docs are."
        raise ServiceProblemError(200, NOT_OURS, f"what answers at {url} is not a ComfyGen service", advice)
    return cast("dict[str, Any]", found)


def _problem_of(reply: Reply, content: bytes) -> ServiceProblemError:
    """Return what an answer refuses; one that is not in our shape comes from a proxy, or from somebody else."""
    try:
        told: Any = json.loads(content)["error"]
        code, said, advice = str(told["code"]), str(told["message"]), str(told.get("hint", ""))
        details: dict[str, Any] = dict(told.get("details") or {})
    except (ValueError, KeyError, TypeError, AttributeError):
        advice = "" if reply.status in PASSING else "see that the address is that of a ComfyGen service."
        code, said, details = NOT_OURS, f"the service answered with HTTP {reply.status}", {}
    after = reply.headers.get("retry-after", "")
    return ServiceProblemError(reply.status, code, said, advice, details, float(after) if after.isdigit() else None)
