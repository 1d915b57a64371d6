"""What model affinity saves: jobs over checkpoints that not every engine has loaded, in virtual time.

An engine runs its prompts one after another, and loads a checkpoint when a prompt wants another than the last one did.
The real scheduler places the jobs; beside it stand round robin, and strict order of rank: the next job to the next
engine that is free. Nothing here sleeps, and equal seeds give equal figures.
"""

from __future__ import annotations

import argparse
import heapq
import itertools
import random
import statistics
import sys
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from comfy_gen.engines.scheduler import Candidate, SchedulerOptions, Seat, choose

DEPTH = 2
"""How many prompts an engine has at most."""
WINDOW = 256
"""How many of those that wait a worker looks at."""
LOADS_BAR, MAKESPAN_BAR, FAIR_BAR = 1 / 5, 1.2, 3.0


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


# --- figures


@dataclass(frozen=True, slots=True)
class Figures:
    """One case, in figures that the bars are for."""

    loads: int
    of_round_robin: float
    """Loads, as a share of round robin's."""
    makespan: float
    of_best: float
    """The makespan, as a multiple of what cannot be beaten."""
    unfairness: float
    """The most that a job waited, as a multiple of its fair share.

    Its fair share is what it waits in the same fleet when that serves strictly by rank, so that nobody is overtaken
    and everybody pays for the loads; but at least one round: every checkpoint loaded and one job of each run once.
    """
    mean_wait: float
    mean_wait_by_rank: float

    @property
    def are_good(self) -> bool:
        """Whether all bars are met."""
        return self.of_round_robin <= LOADS_BAR and self.of_best <= MAKESPAN_BAR and self.unfairness <= FAIR_BAR


def measure(case: Case) -> Figures:
    """Return the figures of a case."""
    ours, ranked, dealt = (simulate(case, policy) for policy in (by_affinity, by_rank, round_robin))
    shares = (max(wait, case.round) for wait in ranked.waits)
    return Figures(
        loads=ours.loads,
        of_round_robin=ours.loads / dealt.loads,
        makespan=ours.makespan,
        of_best=ours.makespan / lower_bound(case),
        unfairness=max(wait / share for wait, share in zip(ours.waits, shares, strict=True)),
        mean_wait=statistics.mean(ours.waits),
        mean_wait_by_rank=statistics.mean(ranked.waits),
    )


def small_cases(count: int) -> list[float]:
    """Return, for random small cases, our makespan as a multiple of the exact optimum."""
    source = random.Random(7)
    ratios: list[float] = []
    for seed in range(count):
        jobs = zipf(source.randint(6, 14), checkpoints=source.randint(2, 4), seed=seed)
        case = Case(jobs, engines=source.randint(2, 3), load=source.choice([1.0, 5.0, 20.0]))
        ratios.append(simulate(case, by_affinity).makespan / best_makespan(case))
    return ratios


def report(name: str, case: Case) -> bool:
    """Print a case's figures, and tell whether they are good."""
    found = measure(case)
    print(
        f"  {name:<22} {found.loads:>4} {found.of_round_robin:>6.1%} {found.makespan:>8.0f} s {found.of_best:>6.3f} "
        f"{found.unfairness:>6.2f} {found.mean_wait:>8.1f} s {found.mean_wait_by_rank:>8.1f} s"
        f"  {'ok' if found.are_good else 'MISSED'}"
    )
    return found.are_good


def main() -> int:
    """Print the figures of jobs that come all at once, and of some that arrive over time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="jobs (default 1000)")
    parser.add_argument("--seeds", type=int, default=5, help="how often each case is drawn (default 5)")
    given = parser.parse_args()
    print(f"{given.count} jobs of 2 s over 8 checkpoints (Zipf) on 4 engines, 5 s a load, 2 prompts an engine")
    print(f"  {'':<22} loads  of RR   makespan  /best  /fair  mean wait   by rank")
    print(f"  {'at most':<22}      {LOADS_BAR:>6.0%} {'':>10} {MAKESPAN_BAR:>6} {FAIR_BAR:>6.1f}")
    good = True
    for load in (None, 0.9):
        for seed in range(given.seeds):
            jobs = zipf(given.count, seed=seed, rate=load and load * 4 / 2.0)
            good &= report(f"{f'{load:.0%} busy' if load else 'all at once'}, seed {seed}", Case(jobs))
    print("  best: a proven lower bound, all work and one load of each checkpoint spread evenly")
    print("  fair: what the job waits where ranks are kept strictly, but at least one round through all checkpoints")
    ratios = small_cases(200)
    print(f"200 small cases against the exact optimum: mean {statistics.mean(ratios):.3f}, worst {max(ratios):.3f}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
