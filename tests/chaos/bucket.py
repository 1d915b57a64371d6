"""An S3 server of a storm's own, to be killed and started again: rclone's, on a folder of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.chaos.evidence import digests
from tests.components import find_program, together
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOGIN = ("chaos", "a-secret-of-chaos")
NAME = "pictures"
_SECONDS = 20.0


class BucketServer:
    """A running server with one bucket. Killed, it keeps what it has answered for."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._root = folder / "buckets"
        self._log = folder / "bucket.log"
        self._command = [
            *together(),
            str(find_program("rclone", f"{sys.prefix}/bin")),
            *("serve", "s3", "--addr", f"127.0.0.1:{self.port}", "--auth-key", ",".join(LOGIN)),
            *("--config", str(folder / "none.conf"), "--cache-dir", str(folder / "cache"), str(self._root)),
        ]
        self._process: subprocess.Popen[bytes] | None = None
        (self._root / NAME).mkdir(parents=True)

    def start(self) -> None:
        """Start it, and wait until it listens."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        deadline = time.monotonic() + _SECONDS
        while not self._listens():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(self._log.read_text(errors="replace"))
            time.sleep(0.02)

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_SECONDS)
            self._process = None

    def digests(self) -> Mapping[str, str]:
        """Return the sha256 of each object, by key."""
        return digests(self._root / NAME)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True
