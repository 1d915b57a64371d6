"""Where an example is run: its folder, its engine, and whatever else it asks for."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests

from comfy_gen.comfyui import ComfyUIClient
from comfy_gen.sandbox import Fault, Kind

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.served import Elsewhere, ServedProcess

QUICK = {"width": 256, "height": 256, "steps": 2}
"""Added to what is asked for: the pictures are not what is tried."""


@dataclass(frozen=True)
class Stage:
    """What an example may ask for is made when it does."""

    request: pytest.FixtureRequest
    folder: Path
    engine: str
    """The engine's address."""
    monkeypatch: pytest.MonkeyPatch
    printed: pytest.CaptureFixture[str]

    @property
    def service(self) -> ServedProcess:
        return self.request.getfixturevalue("service")

    @property
    def elsewhere(self) -> Elsewhere:
        return self.request.getfixturevalue("elsewhere")

    @property
    def document(self) -> dict[str, str]:
        """The texts of all examples."""
        return self.request.getfixturevalue("documented")

    def hurry(self) -> None:
        """Make pauses short: programs wait to be gentle to a server, and there is nobody to be gentle to."""
        sleep = time.sleep
        self.monkeypatch.setattr(time, "sleep", lambda seconds: sleep(min(seconds, 0.02)))

    def with_bucket(self) -> str:
        """Have outputs kept in a bucket of the example's own, which is not made yet."""
        endpoint = self.request.getfixturevalue("bucket_endpoint")
        names = {"ENDPOINT": endpoint, "ACCESS_KEY": "key", "SECRET_KEY": "secret", "BUCKET": f"own-{uuid.uuid4()}"}
        for name, value in names.items():
            self.monkeypatch.setenv(f"MINIO_{name}", value)
        return endpoint

    def spoil(self) -> None:
        """Have the next picture come out black."""
        self.request.getfixturevalue("engine").sandbox.add_fault(Fault(Kind.BLACK_PICTURES))

    def painted(self, graph: dict[str, Any], **how: Any) -> str:
        """Have the engine run a workflow, and return the prompt's id."""
        with ComfyUIClient(url=self.engine) as client:
            run = client.submit(graph, **how)
            run.result(30)
            return run.prompt_id

    def generation(self) -> str:
        """Have the service make a picture, and return the job's id."""
        asked = {"input": "@portrait a red scarf", **QUICK}
        status, accepted = self.service.ask("/compose", asked)
        assert status == 202, accepted
        assert self.service.ended(accepted["generation_id"])["status"] == "completed"
        return accepted["generation_id"]

    def favorite(self) -> str:
        """Keep a picture, and return the favorite's id."""
        status, kept = self.service.ask("/favorites", {"generation_id": self.generation(), "rating": 5})
        assert status == 201, kept
        return kept["id"]

    def send(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Send a request to the service, and return status and JSON of its answer."""
        answer = requests.request(method, self.service.url + path, json=body, timeout=60)
        return answer.status_code, answer.json()

    def cancel(self, told: Any) -> None:
        """Cancel the job that an answer tells of, if it does: nobody waits for its picture."""
        if isinstance(told, dict) and told.get("generation_id") and told.get("status") == "queued":
            self.send("POST", f"/jobs/{told['generation_id']}/cancel")
