"""The page of the metrics: every family that ``GET /metrics`` may have, as the code makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.api import families, metrics
from comfy_gen.api.tally import TakeTally, Tally
from scripts.reference.page import code, codes, page, table, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prometheus_client.core import Metric

HEAD = """\
`GET /metrics` is for Prometheus, and needs the scope `read`. Nothing is counted by what a client may choose freely,
such as paths or ids. [Looking after the service](../observability.md) says which process tells of what."""

_GROUPS = ("HTTP", "Jobs", "Quality", "Engines", "Webhooks and files", "Build")
_ENDINGS = {"counter": "_total", "info": "_info"}
"""What a family's name ends in, where it is shown."""


def render() -> str:
    """Return the page."""
    found = list(_families())
    return page(
        "Metrics",
        HEAD,
        *(
            part
            for group in _GROUPS
            for part in (f"## {group}", _table([one for one in found if _group_of(one) == group]))
        ),
        f"Buckets of `comfygen_http_request_duration_seconds`: {codes(f'{one:g}' for one in metrics.BUCKETS)} seconds.",
    )


def _families() -> Iterator[Metric]:
    """Yield every family, of a service that has answered one request."""
    counted = metrics.Metrics()
    counted.observe("GET", "/", 200, 0.0)
    yield from counted.registry.collect()
    yield from families.queue({}, 0, 0.0)
    yield from Tally().families()
    yield TakeTally().family()
    yield families.registered(())
    yield from families.engines(())
    yield families.webhooks({})
    yield from families.stored(0, 0)
    yield families.build()


def _group_of(family: Metric) -> str:
    word = family.name.split("_")[1]
    by_word = {"http": "HTTP", "jobs": "Jobs", "job": "Jobs", "queue": "Jobs", "quality": "Quality"}
    return {**by_word, "engine": "Engines", "build": "Build"}.get(word, "Webhooks and files")


def _table(found: Sequence[Metric]) -> str:
    return table(["metric", "type", "labels", "meaning"], map(_row, found))


def _row(family: Metric) -> tuple[str, str, str, str]:
    name = f"{family.name}{_ENDINGS.get(family.type, '')}"
    return code(name), family.type, codes(_labels_of(family)), told(name, family.documentation)


def _labels_of(family: Metric) -> Sequence[str]:
    """Return the labels of a family: as it was told them, or as a sample has them."""
    told_to_it: Sequence[str] = getattr(family, "_labelnames", ())
    return told_to_it or next((sorted(sample.labels.keys() - {"le"}) for sample in family.samples), ())
