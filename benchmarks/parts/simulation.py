"""Jobs over checkpoints that not every engine has loaded, in virtual time, and the best there could be of them. Pure.

An engine runs its prompts one after another, and loads a checkpoint when a prompt wants another than the last one did.
The real scheduler places the jobs; beside it stand round robin, and strict order of rank: the next job to the next
engine that is free. Nothing here sleeps, and equal seeds give equal figures.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from comfy_gen.engines.scheduler import Candidate, SchedulerOptions, Seat, choose

DEPTH = 2
"""How many prompts an engine has at most."""
WINDOW = 256
"""How many of those that wait a worker looks at."""


class Job(NamedTuple):
    """One job; its number is its rank."""

    number: int
    arrives: float
    checkpoint: int


@dataclass(frozen=True, slots=True)
class Case:
    """A fleet, and work for it; times in seconds."""

    jobs: tuple[Job, ...]
    engines: int = 4
    load: float = 5.0
    seconds: float = 2.0

    @property
    def checkpoints(self) -> int:
        """How many are asked for."""
        return len({job.checkpoint for job in self.jobs})

    @property
    def round(self) -> float:
        """How long the fleet takes to load every checkpoint and run one job of each."""
        return self.checkpoints * (self.load + self.seconds) / self.engines


@dataclass(slots=True)
class Engine:
    """One engine in virtual time."""

    number: int
    queue: deque[Job] = field(default_factory=deque[Job])
    loaded: int | None = None
    will_have: int | None = None
    """What it will have loaded when its queue is done."""


@dataclass(slots=True)
class Result:
    """What became of a case."""

    loads: int = 0
    makespan: float = 0.0
    waits: list[float] = field(default_factory=list[float])
    """By job: from its arrival until its own work begins; a load that it waits for is in it."""


Policy = Callable[[Case, Sequence[Job], Sequence[Engine]], list[tuple[Job, Engine]]]
"""Given those that wait, by rank, says who goes where now."""


def zipf(count: int, *, checkpoints: int = 8, seed: int = 0, rate: float | None = None) -> tuple[Job, ...]:
    """Return jobs of which checkpoint k gets a share as 1/k; all at once, or so many a second (Poisson)."""
    source = random.Random(seed)
    shares = [1 / place for place in range(1, checkpoints + 1)]
    wanted = source.choices(range(checkpoints), shares, k=count)
    gaps = [source.expovariate(rate) if rate else 0.0 for _ in range(count)]
    return tuple(map(Job, range(count), itertools.accumulate(gaps), wanted))


# --- policies


def by_affinity(case: Case, waiting: Sequence[Job], engines: Sequence[Engine]) -> list[tuple[Job, Engine]]:
    """Ask the real scheduler."""
    everywhere = frozenset(str(engine.number) for engine in engines)
    candidates = [
        Candidate(str(at), job.number, (str(job.checkpoint),), everywhere) for at, job in enumerate(waiting[:WINDOW])
    ]
    options = SchedulerOptions(load_seconds=case.load, job_seconds=case.seconds)
    placed = choose(candidates, [_seat(engine) for engine in engines], now=0.0, options=options)
    return [(waiting[int(job)], engines[int(engine)]) for job, engine in placed]


def _seat(engine: Engine) -> Seat:
    loaded = () if engine.will_have is None else (str(engine.will_have),)
    return Seat(str(engine.number), DEPTH - len(engine.queue), len(engine.queue), loaded=loaded)


def by_rank(_: Case, waiting: Sequence[Job], engines: Sequence[Engine]) -> list[tuple[Job, Engine]]:
    """Give the next job to the next engine that is free."""
    busy = [(len(engine.queue), engine.number) for engine in engines]
    heapq.heapify(busy)
    placed: list[tuple[Job, Engine]] = []
    for job in waiting:
        count, number = busy[0]
        if count >= DEPTH:
            break
        heapq.heapreplace(busy, (count + 1, number))
        placed.append((job, engines[number]))
    return placed


def round_robin(_: Case, waiting: Sequence[Job], engines: Sequence[Engine]) -> list[tuple[Job, Engine]]:
    """Deal the jobs out in turns, however long an engine's queue."""
    return [(job, engines[job.number % len(engines)]) for job in waiting]


# --- the simulation


class Simulation:
    """Runs a case under a policy: the policy is asked at each arrival and each end of a job."""

    def __init__(self, case: Case, policy: Policy) -> None:
        self._case, self._policy = case, policy
        self._engines = [Engine(number) for number in range(case.engines)]
        self._arrivals = deque(case.jobs)
        self._waiting: list[Job] = []
        self._ends: list[tuple[float, int]] = []
        self._result = Result(waits=[0.0] * len(case.jobs))

    def run(self) -> Result:
        """Run it to its end."""
        while self._arrivals or self._ends:
            now = min([end for end, _ in self._ends[:1]] + [job.arrives for job in itertools.islice(self._arrivals, 1)])
            while self._arrivals and self._arrivals[0].arrives <= now:
                self._waiting.append(self._arrivals.popleft())
            while self._ends and self._ends[0][0] <= now:
                self._end(self._engines[heapq.heappop(self._ends)[1]], now)
            self._place(now)
            self._result.makespan = now
        if self._waiting:
            raise RuntimeError(f"{len(self._waiting)} jobs were never placed")
        return self._result

    def _place(self, now: float) -> None:
        placed = self._policy(self._case, self._waiting, self._engines)
        for job, engine in placed:
            engine.queue.append(job)
            engine.will_have = job.checkpoint
            if len(engine.queue) == 1:
                self._start(engine, now)
        gone = {job.number for job, _ in placed}
        self._waiting = [job for job in self._waiting if job.number not in gone]

    def _start(self, engine: Engine, now: float) -> None:
        job = engine.queue[0]
        if engine.loaded != job.checkpoint:
            engine.loaded = job.checkpoint
            self._result.loads += 1
            now += self._case.load
        self._result.waits[job.number] = now - job.arrives
        heapq.heappush(self._ends, (now + self._case.seconds, engine.number))

    def _end(self, engine: Engine, now: float) -> None:
        engine.queue.popleft()
        if engine.queue:
            self._start(engine, now)


def simulate(case: Case, policy: Policy) -> Result:
    """Return what becomes of a case under a policy."""
    return Simulation(case, policy).run()


# --- what cannot be beaten


def lower_bound(case: Case) -> float:
    """Return a time in which no schedule is done, though it knew all arrivals beforehand.

    All work and one load of each checkpoint, spread evenly; and from each arrival on, the work that arrives since.
    """
    count, share = len(case.jobs), case.seconds / case.engines
    since = (job.arrives + max((count - job.number) * share, case.seconds) for job in case.jobs)
    return max(count * share + case.checkpoints * case.load / case.engines, *since)


def best_makespan(case: Case) -> float:
    """Return the exact optimum for jobs that are all there at once; for small cases, as it goes through all of them.

    The order on one engine does not matter but for its loads, and grouped by checkpoint they are the fewest: so an
    engine's time is its jobs and one load for each checkpoint that it gets, and what is left to search is how many
    jobs of each checkpoint each engine gets. Engines are alike: their times are told apart by value only.
    """
    reached = {(0.0,) * case.engines}
    for count in Counter(job.checkpoint for job in case.jobs).values():
        costs = [(part and case.load + part * case.seconds) for part in range(count + 1)]
        splits = [parts for parts in itertools.product(range(count + 1), repeat=case.engines) if sum(parts) == count]
        reached = {
            tuple(sorted(time + costs[part] for time, part in zip(times, parts, strict=True)))
            for times in reached
            for parts in splits
        }
    return min(max(times) for times in reached)
