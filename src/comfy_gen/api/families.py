"""Says what the queue, the engines, the webhooks and the store are like, as metrics. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily

import comfy_gen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from prometheus_client.core import Metric

    from comfy_gen.engines.registry import EngineEntry
    from comfy_gen.engines.status import EngineStatus
    from comfy_gen.jobs.job import JobState
    from comfy_gen.jobs.records import DeliveryState

CONDITIONS = ("up", "down", "resting", "trying", "unknown")


def build() -> Metric:
    """Return which ComfyGen this is."""
    return InfoMetricFamily("comfygen_build", "Which ComfyGen this is.", {"version": comfy_gen.__version__})


def queue(counts: Mapping[JobState, int], owners: int, oldest: float) -> Sequence[Metric]:
    """Return how full the queue is; ``oldest`` is for how many seconds the job has waited that waits longest."""
    jobs = GaugeMetricFamily("comfygen_jobs", "Jobs that are kept, by their state.", labels=["state"])
    for state, number in counts.items():
        jobs.add_metric([state.value], number)
    return (
        jobs,
        GaugeMetricFamily("comfygen_queue_owners", "Owners who have jobs in the line.", owners),
        GaugeMetricFamily("comfygen_queue_oldest_seconds", "How long the job has waited that waits longest.", oldest),
    )


def registered(entries: Iterable[EngineEntry]) -> Metric:
    """Return which engines there are."""
    said = "Engines that are registered: 1, with whether they are active or draining."
    family = GaugeMetricFamily("comfygen_engine_registered", said, labels=["engine", "state"])
    for entry in entries:
        family.add_metric([entry.name, entry.state], 1)
    return family


def engines(statuses: Sequence[EngineStatus]) -> Sequence[Metric]:
    """Return how the engines are that this process drives."""
    said = "Whether an engine is in a condition: 1 for the one that it is in, 0 for the others."
    conditions = GaugeMetricFamily("comfygen_engine_condition", said, labels=["engine", "condition"])
    for status in statuses:
        for condition in CONDITIONS:
            conditions.add_metric([status.name, condition], float(status.condition == condition))
    return (
        conditions,
        _each("comfygen_engine_running", "Our prompts on an engine.", statuses, lambda one: one.running),
        _each("comfygen_engine_depth", "How many prompts an engine gets at most.", statuses, lambda one: one.depth),
        _each("comfygen_engine_queue", "Prompts that an engine says it has.", statuses, lambda one: one.queue),
        _each("comfygen_engine_failures", "Failures of an engine in a row.", statuses, lambda one: one.failures),
        _each("comfygen_engine_latency_seconds", "How long an engine takes to answer.", statuses, _latency),
    )


def webhooks(counts: Mapping[DeliveryState, int]) -> Metric:
    """Return how many deliveries are in which state."""
    family = GaugeMetricFamily("comfygen_webhooks", "Webhooks that are kept, by their state.", labels=["state"])
    for state, number in sorted(counts.items()):
        family.add_metric([state.value], number)
    return family


def stored(count: int, size: int) -> Sequence[Metric]:
    """Return how much is kept of what jobs made."""
    return (
        GaugeMetricFamily("comfygen_artifacts", "Artifacts that are kept.", count),
        GaugeMetricFamily("comfygen_artifacts_bytes", "Bytes of the artifacts that are kept.", size),
    )


def _each(
    name: str, said: str, statuses: Iterable[EngineStatus], value: Callable[[EngineStatus], float | None]
) -> Metric:
    family = GaugeMetricFamily(name, said, labels=["engine"])
    for status in statuses:
        number = value(status)
        if number is not None:
            family.add_metric([status.name], number)
    return family


def _latency(status: EngineStatus) -> float | None:
    return None if status.latency_ms is None else status.latency_ms / 1000
