"""Each extra, installed by itself: it can be imported, and does the smallest thing that it is for."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.packaging.environment import Environment, install
from tests.redis import _redis_to_share, redis_server
from tests.tiny_clip import build as build_clip

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["_redis_to_share", "redis_server"]

pytestmark = pytest.mark.packaged

HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}}


@pytest.fixture
def with_extra(wheel: Path, tmp_path: Path) -> Callable[[str], Environment]:
    """Make an environment with one extra."""
    return lambda extra: install(wheel, tmp_path / extra, extra)


@pytest.mark.timeout(900)  # torch is large
def test_clip_compares_a_picture_with_a_prompt(with_extra, base, tmp_path):
    environment = with_extra("clip")
    model = build_clip(tmp_path / "model")
    code = "from PIL import Image; Image.radial_gradient('L').convert('RGB').save('seen.png')"
    environment.python(code)
    command = ("quality", "score", "seen.png", "--prompt", "a red car", "--model", str(model), "--json")
    scored = json.loads(environment.run("comfygen", *command).stdout)
    assert scored["pictures"][0]["score"] > 0


def test_frontend_has_the_page(with_extra):
    code = "from comfy_gen.api.dialects.comfyui.frontend import PAGE, page_in; print('<html' in page_in(PAGE).text)"
    assert with_extra("frontend").python(code) == "True"


def test_mcp_answers_an_agent(with_extra):
    environment = with_extra("mcp")
    code = """
import subprocess, sys
said = subprocess.run(["comfygen", "mcp"], input=sys.argv[1], capture_output=True, text=True, timeout=60)
print(said.stdout, said.returncode)
"""
    asked = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO}
    answer, _, code = environment.python(code, f"{json.dumps(asked)}\n").rpartition(" ")
    assert code == "0"
    assert json.loads(answer.splitlines()[0])["result"]["serverInfo"]["name"] == "comfygen"


def test_mlflow_names_a_server_to_tell(with_extra):
    code = "from comfy_gen.library.tracking import MlflowTracking; MlflowTracking('http://127.0.0.1:9', 'pictures')"
    with_extra("mlflow").python(f"{code}; import mlflow.entities")


def test_postgres_keeps_jobs(with_extra, postgres_url):
    listed = with_extra("postgres").run("comfygen", "jobs", "list", "--json", COMFYGEN_JOBS_DATABASE=postgres_url)
    assert (listed.returncode, json.loads(listed.stdout)["jobs"]) == (0, [])


def test_redis_keeps_results(with_extra, redis_server):
    code = """
import asyncio, sys
from comfy_gen.cache.redis import RedisCache

async def main():
    cache = RedisCache("127.0.0.1", int(sys.argv[1]))
    await cache.put("result:1", b"kept", 60)
    print(await cache.get("result:1"))
    await cache.close()

asyncio.run(main())
"""
    assert with_extra("redis").python(code, str(redis_server.port)) == "b'kept'"


def test_s3_makes_a_bucket(with_extra, moto_bucket):
    made = with_extra("s3").run(
        "comfygen",
        "storage",
        "create-bucket",
        S3_ENDPOINT_URL=moto_bucket.endpoint_url,
        S3_ACCESS_KEY_ID=moto_bucket.access_key,
        S3_SECRET_ACCESS_KEY=moto_bucket.secret_key,
        S3_BUCKET_NAME="packaged",
    )
    assert made.returncode == 0, made.stderr


def test_safety_judges_a_picture(with_extra):
    code = """
import asyncio
from PIL import Image
from comfy_gen.validation.safety import SafetyCheck

print(asyncio.run(SafetyCheck(0.9).check(Image.new("RGB", (64, 64), "teal"))).passed)
"""
    assert with_extra("safety").python(code) == "True"


def test_tracing_makes_spans(with_extra):
    code = """
from comfy_gen.api.tracing import open_tracer
tracer = open_tracer({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
print(type(tracer).__name__)
"""
    assert with_extra("tracing").python(code) == "TracerProvider"
