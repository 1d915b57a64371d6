"""What model affinity saves: the real scheduler beside round robin and beside what cannot be beaten, in virtual time.

1,000 jobs of 2 s over 8 checkpoints (Zipf) on 4 engines, 5 s a load, two prompts an engine at most; five draws of jobs
that are there at once, and of some that arrive over time and keep the engines nine tenths busy. The optimum is a lower
bound that is proven: all work, and one load of each checkpoint, spread evenly. The fair share of a job is what it waits
where ranks are kept strictly, but at least one round through all checkpoints.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from benchmarks.finding import Bar, Finding
from benchmarks.parts.simulation import (
    Case,
    best_makespan,
    by_affinity,
    by_rank,
    lower_bound,
    round_robin,
    simulate,
    zipf,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.conditions import Conditions
    from benchmarks.parts.simulation import Result

OURS, BY_RANK, ROUND_ROBIN, OPTIMUM = "affinity", "strictly by rank", "round robin", "optimum"
LOADS, MAKESPAN, FAIR = 20.0, 1.2, 3.0
"""Hundredths of the loads of round robin, times the optimum, and fair shares: in each of the draws."""
BUSY = 0.9


def measure(conditions: Conditions) -> Iterator[Finding]:
    """Yield loads, times and waits, and the times of small cases beside their exact optimum."""
    count, draws = conditions.count(1000, quick=100), range(conditions.count(5, quick=1))
    for name, share in (("all at once", None), (f"{BUSY:.0%} busy", BUSY)):
        cases = [Case(zipf(count, seed=seed, rate=share and share * 4 / 2.0)) for seed in draws]
        yield from _findings(name, cases)
    yield small(conditions.count(200, quick=10))


def _findings(name: str, cases: Sequence[Case]) -> Iterator[Finding]:
    policies = {OURS: by_affinity, BY_RANK: by_rank, ROUND_ROBIN: round_robin}
    results = {way: [simulate(case, policy) for case in cases] for way, policy in policies.items()}
    dealt = [one.loads for one in results[ROUND_ROBIN]]
    loads = {
        way: [100 * one.loads / most for one, most in zip(found, dealt, strict=True)] for way, found in results.items()
    }
    bars = [Bar(OURS, LOADS, "worst")]
    yield Finding(f"loads, {name}", "% of round robin's", loads, beside=[ROUND_ROBIN], bars=bars)
    best = [lower_bound(case) for case in cases]
    times = {
        way: [one.makespan / least for one, least in zip(found, best, strict=True)] for way, found in results.items()
    }
    times[OPTIMUM] = [1.0 for _ in cases]
    bars = [Bar(OURS, MAKESPAN, "worst")]
    yield Finding(f"time of all, {name}", "optima", times, beside=[ROUND_ROBIN, OPTIMUM], bars=bars)
    shares = [max(fair_shares(*both)) for both in zip(cases, results[OURS], results[BY_RANK], strict=True)]
    yield Finding(f"longest wait, {name}", "fair shares", {OURS: shares}, bars=[Bar(OURS, FAIR, "worst")])


def fair_shares(case: Case, ours: Result, ranked: Result) -> list[float]:
    """Return how many fair shares each job waited."""
    both = zip(ours.waits, ranked.waits, strict=True)
    return [wait / max(fair, case.round) for wait, fair in both]


def small(count: int) -> Finding:
    """Return the times of random small cases, of which the exact optimum is known."""
    source = random.Random(7)
    cases: list[Case] = []
    for seed in range(count):
        jobs = zipf(source.randint(6, 14), checkpoints=source.randint(2, 4), seed=seed)
        cases.append(Case(jobs, engines=source.randint(2, 3), load=source.choice([1.0, 5.0, 20.0])))
    ratios = [simulate(case, by_affinity).makespan / best_makespan(case) for case in cases]
    return Finding(f"{count} small cases", "times the exact optimum", {OURS: ratios})
