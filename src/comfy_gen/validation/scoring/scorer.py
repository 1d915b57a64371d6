"""Compares pictures with prompts for an event loop: on one thread of its own, and what waits together in one go."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from comfy_gen.validation.scoring.embedding import BATCH
from comfy_gen.validation.scoring.loading import MODELS, is_available, require
from comfy_gen.validation.scoring.prompt_text import plain
from comfy_gen.validation.scoring.similarity import Score, score_of, similarity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PIL import Image

    from comfy_gen.validation.scoring.embedding import ClipModel
    from comfy_gen.validation.scoring.loading import Models
    from comfy_gen.validation.scoring.similarity import Vector

__all__ = ["ClipScorer", "Score", "is_available"]


@dataclass(frozen=True, slots=True)
class _Ask:
    """Pictures, and what to compare them with."""

    pictures: Sequence[Image.Image]
    texts: tuple[str, ...]
    answer: Future[list[list[float]]] = field(default_factory=Future[list[list[float]]])
    """For each picture its similarity to each text."""


class ClipScorer:
    """Compares pictures with prompts; the model is loaded when the first picture comes."""

    def __init__(
        self,
        model: str,
        *,
        device: str = "auto",
        batch_size: int = BATCH,
        offline: bool = False,
        models: Models = MODELS,
    ) -> None:
        """Make one for a model: its name on Hugging Face, or a folder.

        Raises:
            MissingExtraError: the extra ``clip`` is not installed.
        """
        require()
        self._name = model
        self._device = device
        self._batch_size = batch_size
        self._offline = offline
        self._models = models
        self._waiting: deque[_Ask] = deque()
        self._lock = threading.Lock()
        self._is_working = False

    @property
    def model(self) -> str:
        """What it compares them with."""
        return self._name

    async def scores(self, pictures: Sequence[Image.Image], prompt: str, negative_prompt: str) -> list[Score]:
        """Return how like the texts each decoded picture is.

        Raises:
            InvalidParameterError: this machine has no such device.
            ScoringModelError: the model cannot be loaded.
        """
        texts = [prompt, negative_prompt] if plain(negative_prompt) else [prompt]
        return [score_of(*row) for row in await self.similarities(pictures, texts)]

    async def similarities(self, pictures: Sequence[Image.Image], prompts: Sequence[str]) -> list[list[float]]:
        """Return for each decoded picture how like each of the prompts it is; each goes through the model once.

        Raises:
            InvalidParameterError: this machine has no such device.
            ScoringModelError: the model cannot be loaded.
        """
        ask = _Ask(list(pictures), tuple(map(plain, prompts)))
        self._put(ask)
        return await asyncio.wrap_future(ask.answer)

    def prepare(self) -> None:
        """Begin to load the model, if it is not there. Where that fails, whoever compares something hears of it."""
        self._put(_Ask((), ()))

    def _put(self, ask: _Ask) -> None:
        with self._lock:
            self._waiting.append(ask)
            is_first, self._is_working = not self._is_working, True
        if is_first:
            # A thread that nobody waits for when the process ends: it may be fetching half a gigabyte.
            threading.Thread(target=self._work, name="scorer", daemon=True).start()

    def _work(self) -> None:
        """Answer until nobody waits."""
        while asks := self._next():
            self._answer([ask for ask in asks if ask.answer.set_running_or_notify_cancel()])

    def _next(self) -> list[_Ask]:
        """Take what fits into one batch, or one ask that does not."""
        asks: list[_Ask] = []
        with self._lock:
            while self._waiting and (not asks or self._fits(asks, self._waiting[0])):
                asks.append(self._waiting.popleft())
            self._is_working = bool(asks)
        return asks

    def _fits(self, asks: list[_Ask], more: _Ask) -> bool:
        return sum(len(ask.pictures) for ask in [*asks, more]) <= self._batch_size

    def _answer(self, asks: list[_Ask]) -> None:
        try:
            found = self._compared(asks)
        except Exception as error:  # noqa: BLE001  # whatever it is, those who wait hear of it, and others are served
            if len(asks) > 1:  # one may spoil it for the others
                for ask in asks:
                    self._answer([ask])
                return
            for ask in asks:
                ask.answer.set_exception(error)
            return
        for ask, rows in zip(asks, found, strict=True):
            ask.answer.set_result(rows)

    def _compared(self, asks: list[_Ask]) -> list[list[list[float]]]:
        if not asks:
            return []
        clip = self._models.get(self._name, device=self._device, offline=self._offline)
        clip.leave_a_core()
        return _compared(clip, asks, self._batch_size) if any(ask.pictures for ask in asks) else [[] for _ in asks]


def _compared(clip: ClipModel, asks: Sequence[_Ask], batch_size: int) -> list[list[list[float]]]:
    """Return the answer to each; the pictures and texts of all of them go through the model together."""
    texts = list(dict.fromkeys(text for ask in asks for text in ask.texts))
    known = dict(zip(texts, clip.texts(texts), strict=True))
    seen = iter(clip.pictures([picture for ask in asks for picture in ask.pictures], batch_size))
    return [
        [_row(picture, [known[text] for text in ask.texts]) for picture in islice(seen, len(ask.pictures))]
        for ask in asks
    ]


def _row(picture: Vector, texts: Sequence[Vector]) -> list[float]:
    return [similarity(picture, text) for text in texts]
