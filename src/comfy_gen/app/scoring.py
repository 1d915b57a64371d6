"""Compares one picture with a prompt for whoever asks; a few at a time, and nobody waits for long."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from comfy_gen.app.gating import build_gate
from comfy_gen.errors import InputImageError, ScoringBusyError, ScoringModelError
from comfy_gen.pipeline.preprocess import open_picture
from comfy_gen.validation.gate import shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from comfy_gen.config import Settings
    from comfy_gen.validation.gate import Gate, PictureVerdict, Seen
    from comfy_gen.validation.quality import Quality

AT_ONCE = 2
"""Pictures that lie in memory at a time; the others wait."""
PATIENCE = 30.0
"""Seconds that somebody waits: a model may yet have to be fetched."""
MOST_BYTES = 100 * 2**20
"""Of a picture: as much as can be uploaded."""


class Scoring:
    """Judges single pictures. Lives on one loop."""

    def __init__(self, settings: Settings, gate: Callable[[], Gate | None], *, patience: float = PATIENCE) -> None:
        """``gate`` returns that of this process's worker; None where it has none: then one is made."""
        self._settings = settings
        self._gate_there = gate
        self._own: Gate | None = None
        self._patience = patience
        self._room = asyncio.Semaphore(AT_ONCE)

    async def gate(self) -> Gate:
        """Return what compares pictures with prompts.

        Raises:
            MissingExtraError: what compares them is not installed.
            InvalidParameterError: no model is set.
            ScoringModelError: it should be here, and is not.
        """
        gate = self._gate_there() or self._own
        if gate is None:
            try:
                gate = self._own = await asyncio.to_thread(build_gate, self._settings)
            except ScoringModelError as error:  # it says where on this machine
                raise self._unloadable() from error
        gate.check_scores("a score")
        return gate

    async def score(
        self, chunks: AsyncIterator[bytes], *, source: str, prompt: str, negative_prompt: str, quality: Quality
    ) -> PictureVerdict:
        """Return what the gate says of a picture; ``source`` is what it is called.

        Raises:
            InputImageError: it is none, or damaged, or too large.
            MissingExtraError, InvalidParameterError: nothing here compares pictures with prompts.
            ScoringModelError: what does cannot be loaded; the log says why.
            ScoringBusyError: it takes too long.
            StorageError: it cannot be read.
        """
        gate = await self.gate()
        try:
            async with asyncio.timeout(self._patience), self._room:
                seen = await _seen(gate, await _content(chunks, source), source)
                [verdict] = await gate.judge([seen], quality, prompt=prompt, negative_prompt=negative_prompt)
        except TimeoutError as error:
            raise ScoringBusyError(self._patience) from error
        if verdict.passed is None:
            raise self._unloadable()
        return verdict

    def _unloadable(self) -> ScoringModelError:
        """Return what everybody may know of it: the reason names folders of this machine."""
        quality = self._settings.quality
        return ScoringModelError(shown(quality.model), "the service's log says why", is_local=quality.offline)


async def _content(chunks: AsyncIterator[bytes], source: str) -> bytes:
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > MOST_BYTES:
            raise InputImageError(source, f"it has more than {MOST_BYTES // 2**20} MB")
    return bytes(content)


async def _seen(gate: Gate, content: bytes, source: str) -> Seen:
    """Look at a picture; what is decoded of it is let go at once."""
    return await gate.look(await asyncio.to_thread(open_picture, content, source=source))
