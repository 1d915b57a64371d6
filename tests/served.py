"""The HTTP service in a process of its own, as people run it, and somebody elsewhere whom it fetches from and tells."""

from __future__ import annotations

import io
import json
import os
import queue
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from PIL import Image

from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

UVICORN = ("uvicorn", "comfy_gen.api.app:app", "--host", "127.0.0.1", "--port", "8000")
"""The documented command. Its port is replaced by one that is free."""
PATIENCE = 60.0
"""Seconds after which a service that does not answer is one that will not."""
_OURS = ("API_", "AWS_", "COMFY", "GENERATION_", "MAX_QUEUE", "MINIO_", "MLFLOW_", "MODIFIERS_", "OTEL_")
_OURS_TOO = ("MLFLOW_", "POSTPROCESS_", "PREPROCESS_", "REDIS_", "S3_", "WEBHOOK_")


def environment_of(engine_url: str, folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of a service with a folder of its own, without what else may be set here."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS + _OURS_TOO)}
    own = {
        "COMFYUI_API_BASE": engine_url,
        "COMFYGEN_JOBS_DATA_DIR": str(folder / "data"),
        "COMFYGEN_JOBS_ALLOW_PRIVATE_URLS": "true",  # whom the tests are fetched from is on this machine
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    return {**kept, **own, **more}


class ServedProcess:
    """A service that runs from the start of the block to its end, in a folder of its own."""

    def __init__(self, folder: Path, environment: Mapping[str, str], command: Sequence[str] = UVICORN) -> None:
        self.folder = folder
        self.environment = dict(environment)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._command = [word.replace("8000", str(self.port)) for word in command]
        self._log = folder / "service.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def log(self) -> str:
        """What it said."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Start it, and wait until it accepts jobs."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=self.folder, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                raise RuntimeError(f"the service did not start:\n{self.log}")
            time.sleep(0.05)

    def stop(self) -> int | None:
        """Stop it as a terminal or a supervisor does; return its exit code."""
        if self._process is None:
            return None
        self._process.terminate()
        try:
            return self._process.wait(PATIENCE)
        finally:
            self.kill()

    def kill(self) -> None:
        """End it as a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None

    def here(self, text: str) -> str:
        """Put this service's address where the documents have theirs."""
        return text.replace("http://localhost:8000", self.url).replace("http://127.0.0.1:8000", self.url)

    def ask(self, path: str, body: object = None, *, raw: bytes | None = None) -> tuple[int, Any]:
        """Return status and JSON of an answer; what has a body is posted."""
        content = raw if raw is not None else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, content, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def ended(self, job_id: str) -> dict[str, Any]:
        """Return the result of a job once it has ended."""
        with urllib.request.urlopen(f"{self.url}/generate/{job_id}/stream", timeout=PATIENCE) as stream:
            stream.read()
        return self.ask(f"/result/{job_id}")[1]

    def _answers(self) -> bool:
        try:
            return self.ask("/ready")[0] == 200
        except OSError:
            return False


class Elsewhere:
    """A site with a picture, which also takes whatever it is told."""

    def __init__(self) -> None:
        self.told: queue.Queue[dict[str, Any]] = queue.Queue()
        """The bodies that were posted, in their order."""
        self.fetched: list[str] = []
        """The paths that were asked for."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _handler_of(site: Elsewhere) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.fetched.append(self.path)
            self._answer(200, _picture(), "image/jpeg")

        def do_POST(self) -> None:
            site.told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer(204)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # as the base class calls it
            """Say nothing."""

        def _answer(self, status: int, content: bytes = b"", media_type: str = "text/plain") -> None:
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


def _picture() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (64, 64), "teal").save(content, "JPEG")
    return content.getvalue()
