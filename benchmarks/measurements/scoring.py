"""What it costs to compare pictures with prompts: for the event loop beside it, and in batches against one by one.

The model has the shape of CLIP ViT-B/32 and weights by chance, which take as long as taught ones; nothing is fetched.
The pictures are as the gate hands them over, 512 pixels wide.

On a processor batches gain little: one picture is 50 tokens of 768 numbers, matrices large enough to keep the cores at
their limit, and what is not the network (resizing, the hand-over between threads) is a few hundredths of the time. What
counts more is that the texts of a job go through the model once, not with each picture.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from benchmarks.finding import Bar, Finding
from comfy_gen.validation.scoring.loading import MODELS
from comfy_gen.validation.scoring.scorer import ClipScorer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator, Sequence

    from benchmarks.conditions import Conditions

PAUSE = 50.0
"""Milliseconds for which the loop may be held up."""
BATCH = 16
TOGETHER, ONE_BY_ONE, TEXTS_ANEW = "in batches", "one by one", "one by one, texts anew each time"
PROMPT, NEGATIVE = "a red sports car on a wet street at night", "blurry, several cars, duplicate"
_TICK = 0.002


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield what scoring costs with a model that is made for it."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "benchmarks.measurements.scoring", folder]
        subprocess.run(command, check=True, capture_output=True)
        yield from asyncio.run(findings(Path(folder), pictures(conditions.count(48, quick=4))))


def build(folder: Path) -> None:
    """Save a model."""
    from tokenizers.pre_tokenizers import ByteLevel  # noqa: PLC0415  # in a process of its own
    from transformers import (  # noqa: PLC0415
        CLIPConfig,
        CLIPImageProcessorPil,
        CLIPModel,
        CLIPProcessor,
        CLIPTokenizer,
    )

    letters = sorted(ByteLevel.alphabet())
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    ends = {"bos_token_id": len(tokens) - 2, "eos_token_id": len(tokens) - 1, "pad_token_id": len(tokens) - 1}
    tokenizer = CLIPTokenizer(vocab={token: place for place, token in enumerate(tokens)}, model_max_length=77)
    CLIPProcessor(CLIPImageProcessorPil(), tokenizer).save_pretrained(folder)
    CLIPModel(CLIPConfig(text_config=ends)).save_pretrained(folder)


def pictures(count: int) -> list[Image.Image]:
    """Return pictures of noise."""
    return [Image.effect_noise((512, 512), 20 + number).convert("RGB") for number in range(count)]


async def longest_pause(work: Awaitable[object]) -> tuple[float, float]:
    """Return for how long, in milliseconds, a loop was held up at most while it waited, and the seconds of all."""
    task = asyncio.ensure_future(work)
    start = last = time.perf_counter()
    longest = 0.0
    while not task.done():
        await asyncio.sleep(_TICK)
        now = time.perf_counter()
        longest, last = max(longest, now - last - _TICK), now
    await task
    return longest * 1000, last - start


async def together(scorer: ClipScorer, seen: Sequence[Image.Image]) -> None:
    """Score pictures as jobs of four each, which wait all at once."""
    jobs = [seen[start : start + 4] for start in range(0, len(seen), 4)]
    await asyncio.gather(*(scorer.scores(job, PROMPT, NEGATIVE) for job in jobs))


async def one_by_one(scorer: ClipScorer, seen: Sequence[Image.Image], *, is_text_new: bool = False) -> None:
    """Score each when the one before is done; with texts that are as long and not known yet, if told so."""
    for number, picture in enumerate(seen):
        more = f" {number + 1000}" if is_text_new else ""
        await scorer.scores([picture], PROMPT + more, NEGATIVE + more)


def resizing(folder: Path, seen: Sequence[Image.Image]) -> float:
    """Return the milliseconds that it takes to make the network's input of a picture."""
    processor = MODELS.get(str(folder), device="cpu").processor
    start = time.perf_counter()
    processor.image_processor(images=seen, return_tensors="pt")
    return (time.perf_counter() - start) * 1000 / len(seen)


async def findings(folder: Path, seen: Sequence[Image.Image]) -> list[Finding]:
    """Return how long the loop was held up, and the pictures a second."""
    scorer = ClipScorer(str(folder), device="cpu", batch_size=BATCH)
    pauses: dict[str, list[float]] = {}
    seconds: dict[str, float] = {}
    for name, work in (
        ("nothing", asyncio.sleep(1.0)),
        ("loading", scorer.scores(seen[:1], PROMPT, NEGATIVE)),
        (TOGETHER, together(scorer, seen)),
        (ONE_BY_ONE, one_by_one(scorer, seen)),
        (TEXTS_ANEW, one_by_one(scorer, seen, is_text_new=True)),
    ):
        pause, seconds[name] = await longest_pause(work)
        pauses[name] = [pause]
    rates = {name: [len(seen) / seconds[name]] for name in (TOGETHER, ONE_BY_ONE, TEXTS_ANEW)}
    resized = await asyncio.to_thread(resizing, folder, seen[:BATCH])
    return [
        Finding("the loop is held up", "ms", pauses, bars=[Bar(way, PAUSE) for way in (TOGETHER, ONE_BY_ONE)]),
        Finding("loading, imports of torch and transformers included", "s", {"loading": [seconds["loading"]]}),
        Finding(
            "pictures scored",
            "pictures/s",
            rates,
            better="more",
            beside=[ONE_BY_ONE, TEXTS_ANEW],
            note=f"Of each picture of a batch, {resized:.1f} ms are to resize it. What batches gain is the machine's.",
        ),
    ]


if __name__ == "__main__":
    build(Path(sys.argv[1]))
