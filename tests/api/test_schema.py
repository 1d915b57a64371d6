"""The service keeps its word, whatever it is sent: no bug, no undocumented status, no body that is not as described.

`make fuzz` runs the same with many more cases.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from comfy_gen.api.app import create_app
from comfy_gen.config import Settings
from tests.background import BackgroundSandbox
from tests.served import PATIENCE, ServedProcess, environment_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Case

CASES = int(os.environ.get("FUZZ_CASES", "5"))
"""Made up for each operation, besides those that follow from its examples and the bounds of its values."""
IMPATIENCE = 0.2
"""Seconds that a request waits for a job to end."""
CHECKS: dict[str, Any] = {
    # 503 is said of a queue that is full or a database that is away, and documented: neither is a bug.
    "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", 503]},
    # Much is refused for what no schema says: models that no engine has, workflows that are none, names that are taken.
    "positive_data_acceptance": {"enabled": False},
}

# Here GET, or DELETE, is no undeclared method: it means the job, the workflow or the engine that is called so.
SHADOWED = [
    {
        "include-path": path,
        "checks": {"unsupported_method": {"enabled": False}, "allow_header_conformance": {"enabled": False}},
    }
    for path in ("/generate/sync", "/generate/stream", "/workflows/validate", "/engines/sandbox")
]

schema = schemathesis.openapi.from_dict(
    create_app(Settings()).openapi(),
    config=schemathesis.Config.from_dict({"checks": CHECKS, "operations": SHADOWED}),
)
# The stream of all jobs has no end, and after the first key all others would be told nothing but that they need one.
schema = schema.exclude(method="GET", path="/events").exclude(method="POST", path="/keys")


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedProcess]:
    """A service of its own, that is not slowed down however often it is asked."""
    folder = tmp_path_factory.mktemp("fuzzed")
    with BackgroundSandbox() as engine:
        environment = environment_of(engine.url, folder, COMFYGEN_API_RATE="1000000/second")
        with ServedProcess(folder, environment) as served:
            yield served


@schema.parametrize()  # pyright: ignore[reportUntypedFunctionDecorator]  # it comes without types
@settings(
    max_examples=CASES, deadline=None, derandomize=CASES < 10, database=None, suppress_health_check=list(HealthCheck)
)
def test_service_does_as_its_document_says(case: Case[Any], fuzzed: ServedProcess):
    for name in {"timeout", "wait"} & case.query.keys():
        if isinstance(case.query[name], (int, float)):
            case.query[name] = min(case.query[name], IMPATIENCE)
    case.call_and_validate(base_url=fuzzed.url, timeout=PATIENCE)
