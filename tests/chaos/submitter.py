"""A submitter, as a process: hands in its share of the orders, and writes down what was accepted before going on.

It never gives up: what fails is sent again under the same keys, and so is everything else when it was killed and is
started again, also what it has an answer for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from comfy_gen.app import open_queue
from comfy_gen.config import read_settings
from comfy_gen.errors import DatabaseUnavailableError
from tests.chaos.orders import make_orders

if TYPE_CHECKING:
    from collections.abc import Sequence

    from comfy_gen.app import JobQueue
    from tests.chaos.orders import Order

_PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class Task:
    """What one submitter is to do."""

    log: Path
    """Where it writes down what was accepted. Not on the disk that runs full."""
    seed: int
    count: int
    """Of all orders."""
    part: int
    parts: int
    webhook: str
    """Where its jobs are told of."""
    pictures: str
    """Where those jobs find one that begin with a picture."""
    seconds: float
    """In which to hand in its share, in batches that are spread over them."""

    @classmethod
    def parse(cls, arguments: Sequence[str] | None = None) -> Self:
        """Read the command line."""
        parser = argparse.ArgumentParser()
        for name, kind in (("log", Path), ("seed", int), ("count", int), ("part", int), ("parts", int)):
            parser.add_argument(name, type=kind)
        parser.add_argument("webhook")
        parser.add_argument("pictures")
        parser.add_argument("seconds", type=float)
        return cls(**vars(parser.parse_args(arguments)))

    def as_arguments(self) -> list[str]:
        """Return the command line that `parse` reads."""
        values = (self.log, self.seed, self.count, self.part, self.parts, self.webhook, self.pictures, self.seconds)
        return [str(value) for value in values]

    @property
    def orders(self) -> Sequence[Order]:
        """Its share: a run of orders next to each other, for a twin is like the one before it."""
        share = -(-self.count // self.parts)
        return make_orders(self.seed, self.count, pictures=self.pictures)[share * self.part : share * (self.part + 1)]


async def submit_all(task: Task) -> None:
    """Hand in everything."""
    batches = _batches(task)
    done = {entry["key"] for entry in read_log(task.log)}
    for batch in batches:
        await _submit(task, batch)
        is_news = not all(order.key in done for order in batch)
        await asyncio.sleep(task.seconds / len(batches) if is_news else 0)


def read_log(path: Path) -> list[dict[str, str]]:
    """Return what was accepted; a line that its writer was killed over does not count."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def _batches(task: Task) -> list[Sequence[Order]]:
    chance, orders = random.Random(f"batches {task.seed} {task.part}"), list(task.orders)
    batches: list[Sequence[Order]] = []
    while orders:
        size = chance.choice((1, 1, 3, 10, 25))
        batches.append(orders[:size])
        del orders[:size]
    return batches


async def _submit(task: Task, batch: Sequence[Order]) -> None:
    while True:
        try:
            async with open_queue(read_settings()) as queue:
                await _hand_in(queue, task, batch)
        except DatabaseUnavailableError as error:
            print(f"again: {error}", flush=True)  # noqa: T201  # its log
            await asyncio.sleep(_PAUSE)
        else:
            return


async def _hand_in(queue: JobQueue, task: Task, batch: Sequence[Order]) -> None:
    accepted = await queue.submit([order.request(task.webhook) for order in batch])
    entries = [
        {"key": order.key, "job_id": one.job.job_id, "is_replay": one.is_replay}
        for order, one in zip(batch, accepted, strict=True)
    ]
    with task.log.open("a") as log:
        log.write("".join(f"{json.dumps(entry)}\n" for entry in entries))
        log.flush()
        os.fsync(log.fileno())


if __name__ == "__main__":
    asyncio.run(submit_all(Task.parse()))
