"""What every test may ask for: the recordings of a real ComfyUI (see ``protocol/README.md``)."""

from __future__ import annotations

import functools
import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.background import BackgroundSandbox
from tests.mlflow import mlflow_server
from tests.postgres import _postgres_to_share, postgres, postgres_url, shared_postgres_url
from tests.s3 import moto_bucket, rclone_bucket, rclone_endpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = [
    "_postgres_to_share",
    "mlflow_server",
    "moto_bucket",
    "postgres",
    "postgres_url",
    "rclone_bucket",
    "rclone_endpoint",
    "shared_postgres_url",
]

PROTOCOL = Path(__file__).parent / "protocol"

Trace = list[dict[str, Any]]
"""The lines of one recording, in the order of time."""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "traces(*globs): of all recordings, run `trace_name` only for these")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "trace_name" not in metafunc.fixturenames:
        return
    marker = metafunc.definition.get_closest_marker("traces")
    globs = marker.args if marker else ("*",)
    names = sorted({path.stem for glob in globs for path in PROTOCOL.glob(f"{glob}.jsonl")})
    metafunc.parametrize("trace_name", names)


@functools.cache
def _read(name: str) -> Trace:
    with (PROTOCOL / f"{name}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def trace() -> Callable[[str], Trace]:
    """Return one recording by its name. It is shared: copy before changing."""
    return _read


@pytest.fixture(scope="session")
def object_info() -> dict[str, Any]:
    """The node classes of the recorded engine. It is shared: copy before changing."""
    with gzip.open(PROTOCOL / "object_info.json.gz", "rt", encoding="utf-8") as file:
        return json.load(file)


@pytest.fixture(scope="session")
def prompts_posted() -> Callable[[Trace], list[tuple[Any, dict[str, Any]]]]:
    """Return the JSON bodies that were sent to ``POST /prompt`` in a recording, each with the line of its answer.

    Left out is a ``number`` that is no number: ComfyUI trips over it before it looks at the prompt.
    """

    def prompts_posted(trace: Trace) -> list[tuple[Any, dict[str, Any]]]:
        found: list[tuple[Any, dict[str, Any]]] = []
        for line in trace:
            request = line.get("http", {})
            if (request.get("method"), request.get("path")) == ("POST", "/prompt"):
                body = request["json"] if "json" in request else _parse(request["raw"])
                if body is not None and not (isinstance(body, dict) and isinstance(body.get("number"), str)):
                    found.append((body, line))
        return found

    return prompts_posted


def _parse(raw: str) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None


@pytest.fixture
def background_sandbox() -> Iterator[BackgroundSandbox]:
    """A sandbox for code that blocks."""
    with BackgroundSandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def bucket_endpoint() -> Iterator[str]:
    """The address of an S3 that lives in this process."""
    moto = pytest.importorskip("moto.server", reason="pip install 'moto[server]'")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()
