"""Counts jobs that ended: how, why, and how long each stage took; and takes of their pictures. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily

from comfy_gen.jobs.job import MADE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from prometheus_client.core import Metric

    from comfy_gen.jobs.job import Job
    from comfy_gen.jobs.sql.judged import Judged

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600)
"""Seconds; a job takes from a moment to an hour."""
MOST_KINDS = 200
"""So many pairs of workflow and model are counted apart: people may save as many workflows as they like."""
UNNAMED, OTHER = "-", "other"
"""A workflow that has no name, or none that is counted by its own."""
_RESULTS = {True: "passed", False: "rejected", None: "unjudged"}
STAGES = ("waited", "preprocess", "engine_queue", "generate", "postprocess")


class Tally:
    """What came of the jobs that it was told of."""

    def __init__(self) -> None:
        self._ends: Counter[tuple[str, str]] = Counter()
        self._quality: Counter[str] = Counter()
        self._seconds = {stage: Durations() for stage in STAGES}

    def add(self, jobs: Iterable[Job]) -> None:
        """Count jobs that ended."""
        for job in jobs:
            self._ends[job.state.value, job.failure.code if job.failure else ""] += 1
            if job.quality is not None and job.state in MADE:
                self._quality[_RESULTS[job.quality["passed"]]] += 1
            for stage, durations in self._seconds.items():
                taken = job.timings.get(stage)
                if isinstance(taken, int | float):
                    durations.add(taken)

    def families(self) -> Sequence[Metric]:
        """Return the counts as metrics."""
        said = "Jobs that ended, by their last state and, if they failed, by the code of the failure."
        ends = CounterMetricFamily("comfygen_jobs_ended", said, labels=["state", "failure"])
        for (state, failure), number in sorted(self._ends.items()):
            ends.add_metric([state, failure], number)
        said = "Jobs with pictures that were judged, by what was found of those that are the result."
        quality = CounterMetricFamily("comfygen_quality_jobs", said, labels=["result"])
        for result, number in sorted(self._quality.items()):
            quality.add_metric([result], number)
        said = "How long each stage of an ended job took; waited is the time in the line."
        stages = HistogramMetricFamily("comfygen_job_stage_seconds", said, labels=["stage"])
        for stage, durations in self._seconds.items():
            stages.add_metric([stage], durations.buckets(), durations.sum)
        return ends, quality, stages


class TakeTally:
    """What was found of the takes that it was told of."""

    def __init__(self, most: int = MOST_KINDS) -> None:
        """``most`` is how many pairs of workflow and model are told apart."""
        self._most = most
        self._kinds: set[tuple[str, str]] = set()
        self._found: Counter[tuple[str, str, str]] = Counter()

    def add(self, takes: Iterable[Judged]) -> None:
        """Count takes."""
        for take in takes:
            self._found[(*self._kind_of(take), _RESULTS[take.passed])] += 1

    def family(self) -> Metric:
        """Return the counts as a metric."""
        said = "Takes of jobs whose pictures are judged, by workflow, model, and what was found of them."
        family = CounterMetricFamily("comfygen_quality_takes", said, labels=["template", "model", "result"])
        for labels, number in sorted(self._found.items()):
            family.add_metric(labels, number)
        return family

    def _kind_of(self, take: Judged) -> tuple[str, str]:
        kind = take.template or UNNAMED, take.model or UNNAMED
        if kind not in self._kinds and len(self._kinds) >= self._most:
            return OTHER, OTHER
        self._kinds.add(kind)
        return kind


class Durations:
    """A histogram of seconds."""

    def __init__(self) -> None:
        self.sum = 0.0
        self._counts = [0] * (len(BUCKETS) + 1)

    def add(self, seconds: float) -> None:
        """Count one; time that ran backwards counts as none."""
        self.sum += max(seconds, 0.0)
        self._counts[bisect_left(BUCKETS, seconds)] += 1

    def buckets(self) -> list[tuple[str, float]]:
        """Return how many took at most so long, by how long."""
        total = 0
        upto: list[tuple[str, float]] = []
        for name, count in zip([*map(str, map(float, BUCKETS)), "+Inf"], self._counts, strict=True):
            total += count
            upto.append((name, total))
        return upto
