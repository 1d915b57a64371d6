"""What the files describe, run: the processes of compose.full.yaml in its environment, and nginx in front of them.

There is no Docker in it. The addresses are others, and nothing else.
"""

from __future__ import annotations

import base64
import io
import json
import re
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from websockets.sync.client import connect

from tests.background import BackgroundSandbox
from tests.components import find_program, require, together
from tests.deploy.conftest import DEPLOY, ROOT
from tests.deploy.secrets_of import filled_in
from tests.ports import free_port
from tests.postgres import serve_postgres
from tests.redis import serve_redis
from tests.s3 import serve_rclone
from tests.served import ServedProcess, environment_of

PROGRAMS = Path(sys.executable).parent
PICTURE = {"prompt": "a lighthouse at dusk", "steps": 4, "width": 64, "height": 64}


@pytest.fixture(scope="module")
def services(compose):
    """The services of the file, as docker compose reads it."""
    secrets = filled_in(DEPLOY / "compose.full.env.example")
    text = compose(DEPLOY / "compose.full.yaml", "--profile", "sandbox", "config", "--format", "json", **secrets)
    return json.loads(text)["services"]


@pytest.fixture(scope="module")
def stack(services, tmp_path_factory):
    """The service and a worker, with PostgreSQL, Redis, a bucket and an engine at addresses of this machine."""
    folder = tmp_path_factory.mktemp("stack")
    told = services["service"]["environment"]
    login = (told["S3_ACCESS_KEY_ID"], told["S3_SECRET_ACCESS_KEY"])
    with (
        BackgroundSandbox() as sandbox,
        serve_postgres() as postgres,
        postgres.database() as database,
        serve_redis() as redis,
        serve_rclone(login) as bucket,
    ):
        redis.ask(f"CONFIG SET requirepass {told['REDIS_PASSWORD']}")
        environment = environment_of(sandbox.url, folder) | {
            name: value or ""
            for name, value in (told | at_these_addresses(sandbox.url, database, redis.port, bucket)).items()
        }
        made = subprocess.run(
            ["comfygen", *services["bucket"]["command"]], env=environment, capture_output=True, text=True, check=False
        )
        assert made.returncode == 0, made.stderr
        worker = subprocess.Popen(
            [*together(), PROGRAMS / "comfygen", *services["worker"]["command"]], env=environment, stderr=sys.stderr
        )
        command = ["comfygen", *services["service"]["command"], "--port", "8000"]
        try:
            with ServedProcess(folder, environment, command) as served:
                yield served
        finally:
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(30) == 0


def at_these_addresses(engine: str, database: str, redis: int, bucket: str) -> dict[str, str]:
    """Return the variables that say where something is."""
    return {
        "API_HOST": "127.0.0.1",
        "COMFYGEN_ENGINES": f"gpu-0={engine}",
        "COMFYGEN_JOBS_DATABASE": database,
        "REDIS_HOST": "127.0.0.1",
        "REDIS_PORT": str(redis),
        "S3_ENDPOINT_URL": bucket,
        "S3_PUBLIC_URL": bucket,
    }


@pytest.fixture(scope="module")
def key(services):
    """What callers must bring."""
    return {"X-API-Key": services["service"]["environment"]["COMFYGEN_API_KEY"]}


def ask(url: str, key: dict[str, str], body: Any = None, context: ssl.SSLContext | None = None) -> Any:
    content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(url, content, {"Content-Type": "application/json", **key})
    with urllib.request.urlopen(request, timeout=30, context=context) as answer:
        return json.load(answer)


def test_picture_is_made_by_the_worker_and_lies_in_the_bucket(stack, services, key):
    result = ask(f"{stack.url}/generate/sync", key, PICTURE)
    assert (result["status"], result["engine"]) == ("completed", "gpu-0")
    assert result["output_url"].startswith(stack.environment["S3_PUBLIC_URL"])
    assert services["service"]["environment"]["S3_BUCKET_NAME"] in result["output_url"]
    with urllib.request.urlopen(result["output_url"], timeout=30) as answer:
        assert answer.read(8) == b"\x89PNG\r\n\x1a\n"
    assert ask(f"{stack.url}/health", {})["works"] is False


def test_health_check_of_the_image_tells_a_service_that_works_from_none(stack):
    check = re.search(r"^HEALTHCHECK .*?CMD (\[.*?\])$", (ROOT / "Dockerfile").read_text(), re.MULTILINE | re.DOTALL)
    command = [sys.executable, "-S", *json.loads(check[1])[1:]]

    def code(port: int) -> int:
        return subprocess.run(command, env={"API_PORT": str(port)}, capture_output=True, check=False).returncode

    assert (code(stack.port), code(free_port())) == (0, 1)


def test_page_by_which_kubernetes_sees_life_needs_no_key(stack):
    with urllib.request.urlopen(f"{stack.url}/", timeout=30) as answer:
        assert answer.status == 200


@pytest.fixture(scope="module")
def proxy(stack, tmp_path_factory):
    """The address of nginx in front of the service, with a certificate of its own making."""
    nginx = find_program("nginx", "/usr/sbin")
    require(nginx, "nginx", "apt-get install nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    certificate, secret = folder / "fullchain.pem", folder / "privkey.pem"
    name = ["-subj", "/CN=pictures.example.com", "-addext", "subjectAltName=IP:127.0.0.1"]
    how = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subprocess.run(["openssl", *how, *name, "-keyout", secret, "-out", certificate], check=True, capture_output=True)
    plain, secure = free_port(), free_port()
    text = (DEPLOY / "proxy" / "nginx.conf").read_text()
    for ours, other in {
        "127.0.0.1:8000": f"127.0.0.1:{stack.port}",
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ": f"listen 127.0.0.1:{secure} ",
        "/etc/ssl/comfygen": str(folder),
    }.items():
        assert ours in text
        text = text.replace(ours, other)
    (folder / "site.conf").write_text(text)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}} http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"include {folder}/site.conf; }}\n"
    )
    process = subprocess.Popen(
        [*together("QUIT"), str(nginx), "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL
    )
    context = ssl.create_default_context(cafile=str(certificate))
    context.check_hostname = False
    url = f"https://127.0.0.1:{secure}"
    try:
        wait_for(url, context, process, folder / "error.log")
        yield url, context
    finally:
        process.terminate()
        process.wait(10)


def wait_for(url: str, context: ssl.SSLContext, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            urllib.request.urlopen(f"{url}/ready", timeout=5, context=context).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(log.read_text()) from None
            time.sleep(0.02)
        else:
            return


def test_events_pass_the_proxy_as_they_come(proxy, key):
    url, context = proxy
    request = urllib.request.Request(f"{url}/events", headers=key)
    with urllib.request.urlopen(request, timeout=10, context=context) as stream:  # which never ends by itself
        lines = iter(stream.readline, b"")
        assert any(line == b"event: snapshot\r\n" for line in lines)


def test_websockets_pass_the_proxy(proxy, key):
    url, context = proxy
    login = base64.b64encode(f"any:{key['X-API-Key']}".encode()).decode()
    headers = {"Authorization": f"Basic {login}"}
    address = url.replace("https", "wss") + "/comfyui/ws?clientId=one"
    with connect(address, ssl=context, additional_headers=headers, open_timeout=10) as socket:
        assert json.loads(socket.recv(timeout=10))["type"] == "status"


def test_uploads_pass_the_proxy_that_are_larger_than_nginx_lets_pass_by_itself(proxy, key):
    url, context = proxy
    content = io.BytesIO()
    Image.effect_noise((1300, 1300), 90).save(content, "PNG")
    picture = content.getvalue()
    assert len(picture) > 2**20
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    headers = {**key, "Content-Type": "multipart/form-data; boundary=edge"}
    request = urllib.request.Request(f"{url}/uploads", head + picture + b"\r\n--edge--\r\n", headers)
    with urllib.request.urlopen(request, timeout=30, context=context) as answer:
        assert json.load(answer)["image"]
