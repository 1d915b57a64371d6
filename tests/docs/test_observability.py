"""The page on looking after the service names the metrics that there are, and no others."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

from prometheus_client.parser import text_string_to_metric_families

from comfy_gen.api.metrics import Metrics
from comfy_gen.api.tally import STAGES
from comfy_gen.app import open_queue
from comfy_gen.config import JobOptions, Settings
from comfy_gen.config.log_json import FIELDS
from comfy_gen.jobs.outbox import Outbox
from tests.api.test_families import status

PAGE = (Path(__file__).parents[2] / "docs" / "observability.md").read_text(encoding="utf-8")


async def test_page_names_each_metric(tmp_path):
    metrics = Metrics()
    async with open_queue(Settings(jobs=JobOptions(data_dir=tmp_path))) as queue:
        fleet = SimpleNamespace(health=lambda: [status()])
        service = SimpleNamespace(queue=queue, fleet=fleet, outbox=Outbox(queue.store.transactions))
        text = (await metrics.render(service)).decode()
    counters = {f"{family.name}_total" for family in text_string_to_metric_families(text) if family.type == "counter"}
    others = {family.name for family in text_string_to_metric_families(text) if family.type != "counter"}
    assert set(re.findall(r"`(comfygen_\w+)`", PAGE)) == counters | others


def test_page_names_stages_and_fields():
    assert all(f"`{name}`" in PAGE for name in (*STAGES, *FIELDS))
