"""What it costs to compare pictures with prompts: for the event loop beside it, and in batches against one by one.

The model has the shape of CLIP ViT-B/32 and weights by chance, which take as long as taught ones; nothing is fetched.
The pictures are as the gate hands them over, 512 pixels wide.

On a processor batches gain little: one picture is 50 tokens of 768 numbers, matrices large enough to keep the cores at
their limit, and what is not the network (resizing, the hand-over between threads) is a few hundredths of the time. It
is printed beside it. What counts more is that the texts of a job go through the model once, not with each picture.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from _engine import verdict
from PIL import Image

from comfy_gen.validation.scoring.loading import MODELS
from comfy_gen.validation.scoring.scorer import ClipScorer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

PAUSE_BAR = 50.0
"""Milliseconds for which the loop may be held up."""
BATCH_BAR = 3.0
PROMPT, NEGATIVE = "a red sports car on a wet street at night", "blurry, several cars, duplicate"
_TICK = 0.002
_BUILD = "--build"


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


async def measure(folder: Path, count: int, batch_size: int) -> bool:
    """Print the figures; False if the loop was held up too long. The gain of batches is the machine's, and no bar."""
    scorer = ClipScorer(str(folder), device="cpu", batch_size=batch_size)
    seen = pictures(count)
    idle, _ = await longest_pause(asyncio.sleep(2.0))
    print(f"  the loop beside nothing: held up for {idle:.0f} ms at most")
    loading, seconds = await longest_pause(scorer.scores(seen[:1], PROMPT, NEGATIVE))
    print(
        f"  loading, imports of torch and transformers included: {seconds:.1f} s, held up for {loading:.0f} ms at most"
    )
    pause, batched = await longest_pause(together(scorer, seen))
    single_pause, single = await longest_pause(one_by_one(scorer, seen))
    print(f"  together: {count / batched:.1f} pictures/s, held up for {pause:.0f} ms")
    print(f"  one by one: {count / single:.1f} pictures/s, held up for {single_pause:.0f} ms")
    _, naive = await longest_pause(one_by_one(scorer, seen, is_text_new=True))
    print(f"  one by one, and texts anew each time: {count / naive:.1f} pictures/s")
    small = await asyncio.to_thread(resizing, folder, seen[:batch_size])
    print(f"  of {1000 * batched / count:.0f} ms for a picture of a batch, {small:.1f} ms are to resize it")
    worst, ratio = max(pause, single_pause), single / batched
    print(f"  held up for {worst:.0f} ms while scoring; at most {PAUSE_BAR:g} ms: {verdict(worst <= PAUSE_BAR)}")
    print(f"  in batches {ratio:.2f} times as fast; at least {BATCH_BAR:g} times: {verdict(ratio >= BATCH_BAR)}")
    print(f"  and {naive / batched:.2f} times as fast as with texts anew each time")
    return worst <= PAUSE_BAR


def main() -> int:
    """Print the figures; 1 if the loop was held up too long."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument(_BUILD, type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.build:
        build(asked.build)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, __file__, _BUILD, folder], check=True, capture_output=True)
        print(f"{asked.pictures} pictures in batches of {asked.batch_size}, {os.cpu_count()} cores")
        return 0 if asyncio.run(measure(Path(folder), asked.pictures, asked.batch_size)) else 1


if __name__ == "__main__":
    sys.exit(main())
