"""One file on its way: asks for it, writes it, tells of it.

What answers mean is decided in ``answers``, which bytes are missing in ``parts``, what is taken in ``content``.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from comfy_gen.errors import ModelDownloadError, ModelIntegrityError, ModelSourceError
from comfy_gen.models.answers import Answer, Busy, Lying, Piece, Refused, Unsatisfied, Whole, pause_after
from comfy_gen.models.content import check_beginning
from comfy_gen.models.hops import BrokenError, Hops
from comfy_gen.models.parts import Identity, Note, Span, address_of, can_split, is_unlike, pieces
from comfy_gen.models.pickles import FIRST_BYTES
from comfy_gen.models.progress import Phase, Progress
from comfy_gen.models.space import check_space

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from comfy_gen.models.hops import Body
    from comfy_gen.models.model import Offer
    from comfy_gen.models.part_file import PartFile

T = TypeVar("T")

_VERSIONS = 4
"""As many times a file may change while it is fetched before it is given up."""
_TELL_BYTES = 2**20
"""Between two reports of progress."""
_ENDLESS = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadOptions:
    """How files are fetched, and what is taken."""

    connections: int = 4
    """Parts that are fetched at a time, where the server lets them."""
    piece: int = 64 * 2**20
    """Bytes that one request asks for."""
    retries: int = 5
    """Failures in a row, none of which brought a byte, after which it is given up."""
    silence: float = 60.0
    """Seconds without a byte after which a connection counts as broken. The whole may take as long as it takes."""
    max_redirects: int = 10
    allow_private: bool = False
    """Whether addresses of this machine and its networks may be asked."""
    allow_pickle: bool = False
    """Whether files are taken that may run code when they are loaded."""


class _ChangedError(Exception):
    """What comes now is not of the file that the rest is of, or is not the part that was asked for."""

    def __init__(self, *, has_ranges: bool) -> None:
        super().__init__()
        self.has_ranges = has_ranges


class Transfer:
    """Fills a part file from an offer, whatever breaks on the way."""

    def __init__(
        self,
        offer: Offer,
        part: PartFile,
        options: DownloadOptions,
        on_progress: Callable[[Progress], None],
        pause: Callable[[float], Awaitable[object]],
    ) -> None:
        self._offer = offer
        self._part = part
        self._options = options
        self._on_progress = on_progress
        self._pause = pause
        self._told = 0
        self.total = offer.model.size
        """Bytes of the whole file; None where nobody knows yet."""
        self.resumed = 0
        """Bytes that were here before."""
        self._hops = Hops(
            offer,
            silence=options.silence,
            max_redirects=options.max_redirects,
            allow_private=options.allow_private,
        )

    async def fetch(self) -> None:
        """Fetch all of it, anew if it changes on the way; raises what `download` does."""
        has_ranges = True
        try:
            for _ in range(_VERSIONS):
                try:
                    await self._fetch_version(has_ranges=has_ranges)
                except _ChangedError as changed:
                    has_ranges = changed.has_ranges
                    self._part.begin_anew()
                else:
                    return
        finally:
            await self._hops.close()
        raise ModelDownloadError(self._part.name, "it changes again and again while it is fetched")

    def tell(self, phase: Phase, done: int, note: str = "") -> None:
        """Report how far it is."""
        self._told = done
        self._on_progress(
            Progress(
                file=self._offer.model.file, phase=phase, done=done, total=self.total, resumed=self.resumed, note=note
            )
        )

    async def _fetch_version(self, *, has_ranges: bool) -> None:
        identity = await self._patiently(self._open) if has_ranges else Identity()
        if identity is None:
            return
        if not can_split(identity, self._offer.model.sha256):
            await self._patiently(self._stream)
            return
        self._part.take_up(Note(address_of(self._offer.url), identity, self._offer.model.sha256))
        self._begin(identity)
        await self._fetch_pieces(identity)

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try until it works, or brings nothing anymore."""
        failures = 0
        while True:
            kept = self._part.kept
            try:
                return await attempt()
            except BrokenError as error:
                failures = 0 if self._part.kept > kept else failures + 1
                if failures > self._options.retries:
                    raise ModelDownloadError(self._part.name, str(error), self._part.kept, error.advice) from error
                self.tell("retrying", self._part.held, str(error))
                await self._pause(pause_after(max(failures, 1), error.after))

    async def _open(self) -> Identity | None:
        """Ask for one byte to learn what file it is, and return that; None if the server sent all of it instead."""
        async with self._hops.ask(Span(0, 1)) as (answer, body):
            match answer:
                case Whole():
                    await self._receive_whole(answer, body)
                    return None
                case Piece(identity):
                    return identity
                case Unsatisfied():  # it is empty
                    return Identity()
                case _:
                    raise self._failure(answer)

    async def _stream(self) -> None:
        """Fetch it in one go, from its first byte."""
        async with self._hops.ask(None) as (answer, body):
            if not isinstance(answer, Whole):
                raise self._failure(answer)
            await self._receive_whole(answer, body)

    async def _receive_whole(self, answer: Whole, body: Body) -> None:
        self._part.begin_anew()
        self._begin(answer.identity)
        if self.total is None and not answer.is_delimited and not self._offer.model.sha256:
            reason = "it does not say how long the file is: a part of it would look like the whole"
            raise ModelSourceError(self._hops.host, reason)
        end = await self._receive(body, Span(0, _ENDLESS if self.total is None else self.total))
        if self.total is not None and end < self.total:
            if not answer.is_delimited:
                raise BrokenError("the connection broke off")
            raise ModelIntegrityError(self._part.name, f"it has {end} bytes instead of {self.total}")

    def _begin(self, identity: Identity) -> None:
        """See that the file is as large as its source says, and that there is room for it."""
        stated = self._offer.model.size
        if stated is not None and identity.size not in (None, stated):
            reason = f"the server has one of {identity.size} bytes, and it should have {stated}"
            raise ModelIntegrityError(self._part.name, reason)
        self.resumed = self._part.held
        self.total = stated if identity.size is None else identity.size
        check_space([(self._part.path.parent, (self.total or 0) - self._part.held)])
        self.tell("fetching", self._part.held)

    async def _fetch_pieces(self, identity: Identity) -> None:
        todo = deque(pieces(self._part.missing(Span(0, identity.size or 0)), self._options.piece))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._options.connections, len(todo))):
                    group.create_task(self._work_off(todo, identity))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None  # the others were cancelled, or met the same

    async def _work_off(self, todo: deque[Span], identity: Identity) -> None:
        while todo:
            span = todo.popleft()
            await self._patiently(partial(self._fetch_piece, span, identity))
            await self._part.save()

    async def _fetch_piece(self, span: Span, identity: Identity) -> None:
        while gaps := self._part.missing(span):
            async with self._hops.ask(gaps[0], identity.validator) as (answer, body):
                match answer:
                    case Piece(found, sent) if not is_unlike(found, identity):
                        await self._receive_piece(body, sent)
                    case Piece() | Unsatisfied():
                        raise _ChangedError(has_ranges=True)
                    case Whole(found):
                        raise _ChangedError(has_ranges=is_unlike(found, identity))
                    case _:
                        raise self._failure(answer)

    async def _receive_piece(self, body: Body, span: Span) -> None:
        if await self._receive(body, span) < span.end:
            raise BrokenError("the connection broke off")

    async def _receive(self, body: Body, span: Span) -> int:
        """Write what comes to its place, and return where it ends."""
        position = span.start
        async for chunk in body.chunks():
            if position + len(chunk) > span.end:
                raise ModelIntegrityError(self._part.name, "the server sends more than it announced")
            self._part.write(position, chunk)
            if position < FIRST_BYTES <= position + len(chunk) and span.start == 0:
                self.check_beginning()
            position += len(chunk)
            if abs(self._part.held - self._told) >= _TELL_BYTES:
                self.tell("fetching", self._part.held)
        return position

    def check_beginning(self) -> None:
        """See early whether it is what may be taken: before all of it is fetched."""
        first_bytes = self._part.read(FIRST_BYTES)
        check_beginning(self._part.name, first_bytes, allow_pickle=self._options.allow_pickle)

    def _failure(self, answer: Answer) -> Exception:
        match answer:
            case Busy(reason, after, advice):
                return BrokenError(reason, after, advice)
            case Refused(reason, advice):
                return ModelSourceError(self._hops.host, reason, advice)
            case Lying(reason):
                return ModelIntegrityError(self._part.name, reason)
            case _:
                return ModelSourceError(self._hops.host, "it answers what was not asked")
