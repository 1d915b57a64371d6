"""The page on operating, and what it takes for granted: a ComfyUI to start, Docker, servers that give models away."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.comfyui_folder import make_sandbox_comfyui
from tests.models.sources.servers import file, repository, version
from tests.models.weights import safetensors

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

PROJECT = Path(__file__).parents[2]
TEXT = (PROJECT / "docs" / "operating.md").read_text(encoding="utf-8")
SOMEWHERE = "https://example.com"

CHECKPOINT = safetensors({"model.diffusion_model.input_blocks.0.0.weight": (4, 4)})
LORA = safetensors({"lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight": (4, 4)})
LORA_SHA256 = hashlib.sha256(LORA).hexdigest()
SDXL = "stabilityai/stable-diffusion-xl-base-1.0"
BY_REPOSITORY = {
    SDXL: ("sd_xl_base_1.0.safetensors", CHECKPOINT),
    "stabilityai/sdxl-vae": ("sdxl_vae.safetensors", LORA),
    "maker/styles": ("watercolour.safetensors", LORA),
}
PENCIL = {"hashes": {"SHA256": LORA_SHA256}, "sizeKB": len(LORA) / 1024}

DOCKER = """#!/bin/sh
case $1 in
start) {python} -m comfy_gen sandbox --port {port} >{folder}/said 2>&1 & echo $! >{folder}/pid ;;
stop) kill "$(cat {folder}/pid)" && rm {folder}/pid ;;
logs) cat {folder}/said ;;
inspect) if [ -e {folder}/pid ]; then cat {folder}/running.json; else cat {folder}/exited.json; fi ;;
*) exit 1 ;;
esac
"""


def blocks(heading: str, language: str = "sh") -> list[str]:
    """Return the texts of a language right below a heading; below none, those before the first."""
    parts = re.split(r"^#+ (.*)\n", TEXT, flags=re.MULTILINE)
    section = parts[parts.index(heading) + 1]
    return re.findall(rf"^```{language}\n(.*?)^```", section, re.MULTILINE | re.DOTALL)


def table(heading: str) -> list[list[str]]:
    """Return the cells of a table below its first line, which begins like this."""
    (lines,) = re.findall(rf"^\| {re.escape(heading)}[^\n]*\n\|[-|]+\|\n((?:\|[^\n]*\n)+)", TEXT, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in lines.splitlines()]


def make_installed_comfyui(folder: Path, mark: Mapping[str, str]) -> Path:
    """Make what ``comfygen service install`` would, with the sandbox in it, and return it."""
    make_sandbox_comfyui(folder)
    (folder / "venv" / "bin").mkdir(parents=True)
    python = folder / "venv" / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    (folder / ".installed").write_text(json.dumps(mark), encoding="utf-8")
    return folder


def make_docker(folder: Path, port: int) -> Path:
    """Make a program ``docker`` with one container, in which the sandbox is, and return its folder."""
    folder.mkdir()
    for status in ("running", "exited"):
        is_running = status == "running"
        state = {"Status": status, "Running": is_running, "Pid": 4711 if is_running else 0, "ExitCode": 0}
        state |= {"OOMKilled": False, "StartedAt": "2026-01-02T03:04:05Z" if is_running else ""}
        told = {"Id": "0" * 64, "Name": "/comfyui", "RestartCount": 0, "State": state, "Config": {"Image": "comfyui"}}
        told["NetworkSettings"] = {"Ports": {"8188/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}]}}
        (folder / f"{status}.json").write_text(json.dumps([told]), encoding="utf-8")
    program = folder / "docker"
    program.write_text(DOCKER.format(python=sys.executable, port=port, folder=folder), encoding="utf-8")
    program.chmod(0o755)
    return folder


@contextmanager
def giving() -> Generator[str]:
    """Answer as Hugging Face, Civitai and any web server do; the address of all three."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Giver)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Giver(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        answer = _answer(path, query)
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(404 if answer is None else 200)
        kind = "application/octet-stream" if isinstance(answer, bytes) else "application/json"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *_: object) -> None:  # noqa: A002  # what the base calls it
        pass


def _answer(path: str, query: str) -> Any:
    match path.strip("/").split("/"):
        case ["api", "models"]:
            return [_repository("maker/styles")] if "wet" in query else []
        case ["api", "models", owner, name, *_] if f"{owner}/{name}" in BY_REPOSITORY:
            return _repository(f"{owner}/{name}")
        case [owner, name, "resolve", _, _] if f"{owner}/{name}" in BY_REPOSITORY:
            return BY_REPOSITORY[f"{owner}/{name}"][1]
        case ["api", "v1", "models"]:
            return {"items": []}
        case ["api", "v1", "models", "70"]:
            return {"id": 70, "name": "Pencil", "type": "LORA"}
        case ["api", "v1", "model-versions", "7"]:
            return version(7, file("pencil.safetensors", primary=True, **PENCIL))
        case ["api", "download", "models", "7"] | ["wet-streets.safetensors"]:
            return LORA
        case _:
            return None


def _repository(name: str) -> dict[str, Any]:
    path, content = BY_REPOSITORY[name]
    told = repository(name, path)
    for sibling in told["siblings"]:
        sibling["size"] = sibling["lfs"]["size"] = len(content)
        sibling["lfs"]["sha256"] = hashlib.sha256(content).hexdigest()
    return told
