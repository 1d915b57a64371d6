"""The page on the documented wrapper interface, done: each example as it stands, on a service in its own process."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from pathlib import Path
from shutil import copy

import boto3
import pytest
import requests

from comfy_gen.config.keys import KEYS
from comfy_gen.config.settings import Settings
from tests.docs.programs import SMALL, read_page, run_python, run_script
from tests.s3 import LOGIN
from tests.served import ServedProcess, environment_of

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "wrapper.md"

DOCUMENTED = {
    "Quick start 1": "5ac8fec145c8c756",
    "Quick start 2": "80bd1bbb0adaf732",
    "Configuration 0": "ce011075d9e2dc7f",
    "Configuration 1": "f4465841dd9f00c7",
    "Configuration 2": "e845c36cc13db9f4",
    "Configuration 3": "5fe9c450d9cf4157",
    "Configuration 4": "9317b1bfea39a43f",
    "Production 0": "6191a6436021774b",
    "Request payload 0": "e71b0a6c8a3af9a1",
    "Example requests 0": "dbedf1359acdb2b2",
    "Example requests 1": "988aef69dbc7b439",
    "Response format 0": "8f27a79b3287e0a5",
    "Streaming data format 0": "741f98e2ab10eaa3",
    "Synchronous request 0": "f51d30a098c8df52",
    "Streaming request 0": "f55b4130453a91f5",
    "Workflow modifiers 0": "0f5ad8f202a7a893",
    "JavaScript streaming 0": "7cd66840da8b68ba",
}
"""The beginning of each text's SHA-256 as it is documented: what a page calls letter for letter is that."""

MENDED = {
    "uvicorn comfy_gen.api.app:app": "uvicorn main:app",
    (
        "const response = await fetch('/generate', {\n"
        "    method: 'POST',\n"
        "    headers: {'Content-Type': 'application/json'},\n"
        "    body: JSON.stringify(payload)\n"
        "});\n"
        "const job = await response.json();\n"
        "const eventSource = new EventSource(job.links.stream);\n"
    ): (
        "const eventSource = new EventSource('/generate/stream', {\n"
        "    method: 'POST',\n"
        "    headers: {'Content-Type': 'application/json'},\n"
        "    body: JSON.stringify(payload)\n"
        "});\n"
    ),
}
"""What is written here, and what the document says there."""

YOUR_MODIFIER = """
from modifiers.basemodifier import BaseModifier

class {name}(BaseModifier):
    WORKFLOW_JSON = "workflows/image2image.json"

    async def apply_modifications(self):
        self.workflow["10"]["inputs"]["image"] = "https://example.com/{name}.jpg"
        self.workflow["6"]["inputs"]["text"] = str(await self.modify_workflow_value("{value}"))
        await super().apply_modifications()
"""


BASH, JSON, PROGRAMS, SCRIPTS = (read_page(PAGE, language) for language in ("bash", "json", "python", "javascript"))
PAYLOAD = PROGRAMS["Synchronous request"][0].split("\n\n")[1] + "\n"
"""The payload that the examples share."""


def image_to_image(checkpoint):
    """Return the workflow that the documented modifier knows: 3 samples, 6 is the prompt, 10 the picture."""
    sampling = {"seed": 1, "steps": 2, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal", "denoise": 0.6}
    wired = {"model": ["4", 0], "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["11", 0]}
    return {
        "3": {"class_type": "KSampler", "inputs": {**sampling, **wired}},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": checkpoint}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a fox", "clip": ["4", 1]}},
        "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "fog", "clip": ["4", 1]}},
        "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
        "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "output"}},
        "10": {"class_type": "LoadImage", "inputs": {"image": "example.png", "upload": "image"}},
        "11": {"class_type": "VAEEncode", "inputs": {"pixels": ["10", 0], "vae": ["4", 2]}},
    }


ON_COMFYUI = pytest.mark.parametrize("engine", [pytest.param("comfyui", marks=pytest.mark.live)], indirect=True)
"""Of what `tests/mission` has run on the sandbox."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory, engine, elsewhere):
    """The folder of a service: the documented modifier with its workflow, and those that the requests name."""
    folder = tmp_path_factory.mktemp("wrapper")
    for name in ("modifiers", "workflows"):
        (folder / name).mkdir()
    (folder / "workflows" / "image2image.json").write_text(json.dumps(image_to_image(engine.checkpoint)))
    sources = {
        "image2image": PROGRAMS["Workflow modifiers"][0],
        "yours": YOUR_MODIFIER.format(name="YourModifier", value="param"),
        "another": YOUR_MODIFIER.format(name="ModifierClassName", value="parameter2"),
    }
    for name, source in sources.items():
        (folder / "modifiers" / f"{name}.py").write_text(source.replace("https://example.com", elsewhere.url))
    return folder


@pytest.fixture(scope="module")
def served(folder, engine):
    """A service that was started by the documented command."""
    environment = environment_of(engine.url, folder, MODIFIERS_DIR="modifiers")
    with ServedProcess(folder, environment) as served:
        yield served


@pytest.fixture
def request_of(elsewhere):
    """Return a documented request, whose pictures are at hand."""
    return lambda heading, number=0: json.loads(JSON[heading][number].replace("https://example.com", elsewhere.url))


def digest(text):
    """Return the hash of a text as it was before it was mended."""
    for ours, documented in MENDED.items():
        text = text.replace(ours, documented)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_examples_are_the_documented_ones_but_for_what_is_marked():
    found = {}
    for language in (BASH, JSON, PROGRAMS, SCRIPTS):
        for heading, texts in language.items():
            for number, text in enumerate(texts):
                found[f"{heading} {number}"] = digest(text)
    assert found.pop("Quick start 0")  # how it is installed is our own
    assert found == DOCUMENTED


@ON_COMFYUI
def test_synchronous_request_prints_how_it_ended(served):
    assert run_python(served, PROGRAMS["Synchronous request"][0]) == "Status: completed\n"


@ON_COMFYUI
def test_streaming_request_prints_that_it_is_complete(served):
    said = run_python(served, PAYLOAD + PROGRAMS["Streaming request"][0]).splitlines()
    assert said[-1] == "Generation complete!"
    assert all(re.fullmatch(r"Position \d+ of \d+ in \w+", line) for line in said[:-1])


FOR_SCRIPTS = """
const payload = {"input": {"modifier": "YourModifier", "modifications": {"param": "value"}}};
"""
"""The payload that the examples share."""


@ON_COMFYUI
def test_javascript_streams_to_its_end(served):
    said = run_script(served, FOR_SCRIPTS + SCRIPTS["JavaScript streaming"][0])
    assert "Complete: {" in said
    assert any("status: 'completed'" in line for line in said)
    before = said[: said.index("Complete: {")]
    assert before == [line for line in before if re.match(r"Status: (queued|processing|generating) - \w", line)]


def test_full_payload_goes_to_its_bucket_and_its_webhook(served, elsewhere, rclone_endpoint):
    login = {"aws_access_key_id": LOGIN[0], "aws_secret_access_key": LOGIN[1], "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=rclone_endpoint, **login).create_bucket(Bucket="your-bucket")
    chosen = str(uuid.uuid4())
    text = re.sub(r"//[^\"\n]*\n", "\n", JSON["Request payload"][0])
    for documented, ours in {
        "optional-uuid-v4": chosen,
        "your-access-key": LOGIN[0],
        "your-secret-key": LOGIN[1],
        "https://s3.amazonaws.com": rclone_endpoint,
        "https://your-webhook-endpoint.com": f"{elsewhere.url}/hook",
    }.items():
        text = text.replace(documented, ours)
    status, result = served.ask("/generate/sync", json.loads(text))
    assert (status, result["status"], result["id"]) == (200, "completed", chosen), result["message"]
    (output,) = result["output"]
    assert output["url"].startswith(f"{rclone_endpoint}/your-bucket/")
    told = elsewhere.told.get(timeout=30)
    assert (told["id"], told["status"], told["custom_field"]) == (chosen, "completed", "value")
    assert told["output"][0]["url"] == output["url"]
    assert not {LOGIN[1]} & set(re.findall(r"[\w-]+", json.dumps([told, result]) + served.log))


@ON_COMFYUI
def test_static_modifier_gets_its_picture_from_its_url(served, elsewhere, request_of):
    status, result = served.ask("/generate/sync", request_of("Example requests"))
    assert (status, result["status"], result["message"]) == (200, "completed", "Generation completed")
    assert "/image.jpg" in elsewhere.fetched


def test_piece_of_a_workflow_fails_and_says_why(served, request_of):
    status, result = served.ask("/generate/sync", request_of("Example requests", 1))
    assert (status, result["status"], result["error"]["code"]) == (200, "failed", "prompt_rejected")
    assert "no outputs" in result["message"]


def test_raw_workflow_that_saves_its_picture_completes(served, elsewhere, request_of):
    body = request_of("Example requests", 1)
    body["input"]["workflow_json"]["9"] = {
        "class_type": "SaveImage",
        "inputs": {"images": ["10", 0], "filename_prefix": f"raw-{uuid.uuid4().hex}"},
    }
    status, result = served.ask("/generate/sync", body)
    assert (status, result["status"]) == (200, "completed")
    assert "/input.jpg" in elsewhere.fetched


def test_result_has_every_documented_field(served, request_of):
    documented = json.loads(JSON["Response format"][0])
    accepted = served.ask("/generate", request_of("Example requests"))
    done = served.ask("/generate/sync", request_of("Example requests"))
    assert [status for status, _ in (accepted, done)] == [202, 200]
    asked = served.ask(f"/result/{done[1]['id']}")
    for _, result in (accepted, done, asked):
        assert documented.keys() <= result.keys()
        assert result["status"] in documented["status"].split("|")
    (output,) = asked[1]["output"]
    assert documented["output"][0].keys() <= output.keys()
    assert (output["type"], output["node_id"], output["output_type"]) == ("output", "9", "images")
    content = Path(output["local_path"]).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert requests.get(output["url"], timeout=30).content == content


def test_stream_has_every_documented_field(served):
    documented = json.loads(JSON["Streaming data format"][0])
    code = PAYLOAD + PROGRAMS["Streaming request"][0].replace(
        "if event.data:", "if event.data:\n        print(event.data)"
    )
    events = [json.loads(line) for line in run_python(served, code).splitlines() if line.startswith("{")]
    assert [event["status"] for event in events][-1] == "final_result"
    assert len(events) > 1
    for event in events[:-1]:
        assert documented.keys() <= event.keys()
        assert documented["queue_position"].keys() == event["queue_position"].keys()
        assert documented["queue_info"].keys() == event["queue_info"].keys()
        assert event["queue_position"]["current_queue"] in documented["queue_position"]["current_queue"].split("|")


def test_every_documented_endpoint_answers(served):
    table = re.findall(r"^\| `(/[\w/{}-]+)` \| (GET|POST) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(table) == 8
    description = served.ask("/openapi.json")[1]["paths"]
    for path, method in table:
        named = path.replace("{id}", "{job_id}")
        if path != "/docs":
            assert method.lower() in description[named], path
    for path in ("/", "/docs", "/health", "/queue-info"):
        assert requests.get(served.url + path, timeout=30).status_code == 200


def test_errors_have_the_documented_statuses(served):
    for status, path, raw in (
        (400, "/generate", b'{"input": '),
        (422, "/generate", b'{"input": {"workflow_json": {"1": {"inputs": {}}}}}'),
        (404, f"/result/{uuid.uuid4()}", None),
        (422, "/generate", b'{"input": {"modifier": "Imag2Image"}}'),
    ):
        code, body = served.ask(path, raw=raw)
        assert (code, body["error"].keys()) == (status, {"code", "message", "hint", "details"}), body


def test_every_documented_variable_is_known():
    known = {name for key in KEYS.values() for name in key.variables}
    named = re.findall(
        r"^(?:export )?([A-Z][A-Z0-9_]+)=", "".join(text for texts in BASH.values() for text in texts), re.MULTILINE
    )
    table = dict(re.findall(r"^\| `([A-Z_]+)` \| [^|]* \| ([^ :|]+)", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    assert len(named) >= 20
    assert [name for name in [*named, *table] if name not in known] == []
    defaults = {key.also[0]: key.default for key in KEYS.values() if key.section == "api" and key.also}
    assert table == {name: str(value).lower() for name, value in defaults.items()}
    assert Settings().cache.kind == "memory"


@ON_COMFYUI
def test_quick_start_serves(tmp_path, engine):
    _, configured, started = BASH["Quick start"]
    copy(ROOT / ".env.example", tmp_path)
    environment = environment_of(engine.url, tmp_path)
    del environment["COMFYUI_API_BASE"]
    code = (configured + started).replace("http://127.0.0.1:8188", engine.url)
    with ServedProcess(tmp_path, environment, ["bash", "-c", code.replace("uvicorn", "exec uvicorn")]) as served:
        assert served.ask("/generate/sync", {"prompt": "a fox", **SMALL})[1]["status"] == "completed"
        assert served.ask("/health")[1]["status"] == "healthy"


def test_service_reads_env_file(tmp_path, engine):
    (tmp_path / ".env").write_text(f"COMFYUI_API_BASE={engine.url}\nMAX_QUEUE_SIZE=7           # Maximum queue size\n")
    environment = environment_of(engine.url, tmp_path)
    del environment["COMFYUI_API_BASE"]
    with ServedProcess(tmp_path, environment) as served:
        assert served.ask("/queue-info")[1]["max_queue_size"] == 7
        assert served.ask("/generate/sync", {"prompt": "a fox", **SMALL})[1]["status"] == "completed"


@ON_COMFYUI
def test_production_setup_serves_with_redis(tmp_path, engine, redis_server):
    (setup,) = BASH["Production"]
    code = setup.replace("http://comfyui:8188", engine.url).replace("REDIS_HOST=redis", "REDIS_HOST=127.0.0.1")
    environment = environment_of(engine.url, tmp_path, REDIS_PORT=str(redis_server.port))
    with ServedProcess(tmp_path, environment, ["bash", "-c", code.replace("uvicorn", "exec uvicorn")]) as served:
        result = served.ask("/generate/sync", {"prompt": "a fox", **SMALL})[1]
        assert result["status"] == "completed"
        assert served.ask(f"/result/{result['id']}")[1]["output"][0]["sha256"] == result["output"][0]["sha256"]
    assert redis_server.ask("DBSIZE") != b":0"
