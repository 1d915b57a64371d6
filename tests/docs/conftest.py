"""A served instance over an engine, as the pages on the HTTP service take it for granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.background import BackgroundSandbox
from tests.contracts.graphs import CHECKPOINT
from tests.live.comfyui.fixtures import comfyui, pytest_runtest_makereport
from tests.redis import _redis_to_share, redis_server
from tests.s3 import rclone_endpoint
from tests.served import Elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["_redis_to_share", "comfyui", "pytest_runtest_makereport", "rclone_endpoint", "redis_server"]


class Engine(NamedTuple):
    """An engine, and a checkpoint that it has."""

    url: str
    checkpoint: str


@pytest.fixture(scope="module", params=["sandbox", pytest.param("comfyui", marks=pytest.mark.live)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """What a service generates on: the sandbox and, in live tests, a real ComfyUI."""
    if request.param == "comfyui":
        yield Engine(request.getfixturevalue("comfyui").url, CHECKPOINT)
        return
    with BackgroundSandbox() as sandbox:
        yield Engine(sandbox.url, "v1-5-pruned-emaonly-fp16.safetensors")


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Elsewhere]:
    """A site with pictures, that can be told of jobs."""
    with Elsewhere() as site:
        yield site
