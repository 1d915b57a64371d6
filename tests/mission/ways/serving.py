"""Examples that start the service, or are a part of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.mission.ways.exchanges import body_of
from tests.served import ServedProcess, environment_of

if TYPE_CHECKING:
    from scripts.mission.index import Example
    from tests.mission.stage import Stage

ON_THE_STAGE = ("configure", "serve")
"""The service that all examples share was started by these."""


def start(example: Example, text: str, stage: Stage) -> None:
    """Start a service as documented, and have it make a picture."""
    if example.name in ON_THE_STAGE:
        assert stage.service.ask("/health")[1]["status"] == "healthy"
        return
    code = text.replace("/path/to/comfy-gen", str(stage.folder)).replace("http://comfyui:8188", stage.engine)
    environment = environment_of(stage.engine, stage.folder)
    if "REDIS_HOST" in text:
        code = code.replace("REDIS_HOST=redis", "REDIS_HOST=127.0.0.1")
        environment["REDIS_PORT"] = str(stage.request.getfixturevalue("redis_server").port)
    command = ["bash", "-c", code.replace("uvicorn", "exec uvicorn")]
    with ServedProcess(stage.folder, environment, command) as served:
        status, result = served.ask("/generate/sync", {"prompt": "a fox", "width": 64, "height": 64, "steps": 1})
        assert (status, result["status"]) == (200, "completed")
    if "REDIS_HOST" in text:
        assert stage.request.getfixturevalue("redis_server").ask("DBSIZE") != b":0"


def run_modifier(example: Example, _: str, stage: Stage) -> None:
    """Have the service, in whose folder it lies, run a modifier, which fetches the picture that it names."""
    status, result = stage.service.ask("/generate/sync", body_of("3-wrapper/static-request", stage))
    assert (status, result["status"]) == (200, "completed"), (example.name, result)
    assert "/image.jpg" in stage.elsewhere.fetched
