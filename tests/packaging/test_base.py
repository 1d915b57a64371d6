"""The distribution by itself: what it does without any extra, and what it says where one is missing."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request

import pytest
from PIL import Image

import comfy_gen
from tests.background import BackgroundSandbox
from tests.ports import free_port
from tests.served import ServedProcess

pytestmark = pytest.mark.packaged

OF_EXTRAS = """
import importlib, json, pkgutil, comfy_gen
from comfy_gen.errors import MissingExtraError

missing = {}
for module in pkgutil.walk_packages(comfy_gen.__path__, "comfy_gen.", onerror=lambda name: None):
    # One is laid beside a ComfyUI, one runs within alembic.
    if not module.name.startswith(("comfy_gen.supervisor.recipe", "comfy_gen.jobs.migrations.env")):
        try:
            importlib.import_module(module.name)
        except MissingExtraError as error:
            missing[module.name] = error.extra
        except ModuleNotFoundError as error:
            missing[module.name] = error.name
print(json.dumps(missing))
"""
MAY_NEED = {
    "comfy_gen.jobs.dispatch": "procrastinate",
    "comfy_gen.jobs.signals.postgres": "psycopg",
    "comfy_gen.mcp": "mcp",
}
"""What is only loaded where an extra is there, by what it begins with."""


@pytest.fixture(scope="module")
def sandbox():
    with BackgroundSandbox() as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def served(base, sandbox):
    """A service as somebody has it who only did ``pip install comfygen-server``."""
    command = (str(base.folder / "bin" / "comfygen"), "serve", "--port", "8000", "--comfyui-port", str(free_port()))
    variables = base.variables(sandbox.url, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")
    with ServedProcess(base.outside, variables, command) as served:
        yield served


def text_of(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.status, answer.read().decode()


# --- what works


def test_version_and_help_are_told(base):
    assert base.run("comfygen", "--version").stdout == f"comfygen {comfy_gen.__version__}\n"
    helped = base.run("comfygen", "--help")
    assert (helped.returncode, helped.stderr) == (0, "")
    assert "generate" in helped.stdout


def test_nothing_comes_from_the_checkout(base):
    assert base.python("import comfy_gen; print(comfy_gen.__file__)").startswith(str(base.folder))


def test_its_own_sandbox_makes_a_picture(base):
    code = """
import asyncio, subprocess, sys
from comfy_gen.sandbox import Sandbox

async def main():
    async with Sandbox() as sandbox:
        arguments = ("generate", "a fox", "-o", "fox.png", "--engine", sandbox.url)
        made = await asyncio.create_subprocess_exec("comfygen", *arguments)
        return await made.wait()

sys.exit(asyncio.run(main()))
"""
    base.python(code)
    with Image.open(base.outside / "fox.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (1024, 1024))


def test_service_makes_a_picture(served):
    status, result = served.ask("/generate/sync", {"prompt": "a fox", "width": 256, "height": 256})
    assert (status, result["status"]) == (200, "completed"), result
    assert text_of(f"{served.url}/metrics")[0] == 200


def test_studio_comes_with_its_modules_and_styles(served):
    status, page = text_of(f"{served.url}/studio")
    assert (status, "<script" in page) == (200, True)
    linked = [part.split('"')[0] for mark in ('src="', 'href="') for part in page.split(mark)[1:]]
    assert linked
    for link in linked:
        assert text_of(urllib.parse.urljoin(f"{served.url}/studio/", link))[0] == 200, link


def test_documentation_asks_no_other_site(served):
    status, page = text_of(f"{served.url}/docs")
    assert (status, "https://" in page) == (200, False)


def test_categories_and_templates_are_there(base):
    assert "portrait" in base.run("comfygen", "categories", "list").stdout
    assert "sdxl" in base.run("comfygen", "templates").stdout


# --- what is not there


def test_no_module_of_the_base_needs_an_extra(base):
    missing = json.loads(base.python(OF_EXTRAS))
    assert missing
    assert [name for name in missing if not name.startswith(tuple(MAY_NEED))] == []


@pytest.mark.parametrize(
    ("extra", "command", "variables"),
    [
        ("clip", ["quality", "calibrate", "."], {}),
        ("mcp", ["mcp"], {}),
        ("mlflow", ["serve"], {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}),
        ("mlflow", ["worker", "--drain"], {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}),
        ("postgres", ["jobs", "list"], {"COMFYGEN_JOBS_DATABASE": "postgresql://nobody@127.0.0.1:9/none"}),
        ("postgres", ["serve"], {"COMFYGEN_JOBS_DATABASE": "postgresql://nobody@127.0.0.1:9/none"}),
        ("redis", ["serve"], {"COMFYGEN_CACHE_KIND": "redis"}),
        ("s3", ["storage", "create-bucket"], {"S3_ENDPOINT_URL": "http://127.0.0.1:9"}),
        ("s3", ["serve"], {"S3_ENDPOINT_URL": "http://127.0.0.1:9", "COMFYGEN_JOBS_ARTIFACTS": "s3"}),
        ("safety", ["serve"], {"COMFYGEN_POLICY_CHECK_PICTURES": "yes"}),
        ("safety", ["worker", "--drain"], {"COMFYGEN_POLICY_CHECK_PICTURES": "yes"}),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
def test_whoever_lacks_an_extra_is_told_how_to_install_it(base, tmp_path, extra, command, variables):
    done = base.run("comfygen", *command, COMFYGEN_JOBS_DATA_DIR=str(tmp_path), **variables)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error[missing_extra]: ")
    assert f"nstall it: pip install 'comfygen-server[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_mcp_agents_are_told_how_it_is_installed(served):
    status, problem = served.ask("/mcp", {"jsonrpc": "2.0", "id": 1, "method": "ping"})
    assert (status, problem["error"]["code"]) == (404, "missing_extra")
    assert "pip install 'comfygen-server[mcp]'" in json.dumps(problem)


def test_without_clip_http_tells_how_it_is_installed(served):
    status, problem = served.ask("/generate/sync", {"prompt": "a fox", "validate": True, "positive_threshold": 0.2})
    assert (status, problem["error"]["code"]) == (422, "missing_extra")
    assert "pip install 'comfygen-server[clip]'" in json.dumps(problem)


def test_without_tracing_the_service_goes_on_and_says_so(served):
    assert "no traces are sent: pip install 'comfygen-server[tracing]'" in served.log
    assert "Traceback" not in served.log


def test_doctor_lists_what_is_not_installed(base, sandbox):
    seen = base.run("comfygen", "doctor", "--json", engine_url=sandbox.url)
    lacking = {
        finding["subject"] for finding in json.loads(seen.stdout)["findings"] if finding["mend"].startswith("pip ")
    }
    assert lacking == {"clip", "frontend", "mcp", "mlflow", "postgres", "redis", "s3", "safety", "tracing"}
