"""The receivers of webhooks that need no library, told as a worker tells them."""

from __future__ import annotations

import base64
import datetime as dt
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from tests.components import together
from tests.ports import free_port

PROGRAMS = Path(__file__).parents[2] / "examples" / "webhooks"
SECRET = f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"
BODY = b'{"type": "job.completed", "id": "one", "output": [{"filename": "a.png"}]}'


@pytest.fixture(params=["receiver.py", "receiver.mjs"])
def receiver(request, need_commands):
    """A receiver that knows two secrets: its address, and what it says."""
    name = request.param
    if name.endswith(".mjs"):
        need_commands("node")
    port = free_port()
    program = "node" if name.endswith(".mjs") else sys.executable
    old = f"whsec_{base64.b64encode(b'an older one, which is to go soon').decode()}"
    environment = {"WEBHOOK_SECRET": f"{old} {SECRET}", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    command = [*together(), program, PROGRAMS / name, str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        yield f"http://127.0.0.1:{port}/", process.stdout
        process.kill()


def post(url, headers, body=BODY):
    """Return the status of an answer; a receiver that has just been started gets a moment."""
    for _ in range(400):
        try:
            with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(url)


def signed(identity, *, ago=0, body=BODY):
    """Return the headers that the worker would send; the library that it signs with makes them."""
    when = dt.datetime.now(tz=dt.UTC) - dt.timedelta(seconds=ago)
    signature = Webhook(SECRET).sign(identity, when, body.decode())
    return {
        "webhook-id": identity,
        "webhook-timestamp": str(int(when.timestamp())),
        "webhook-signature": f"v1,bm90IG91cnM= {signature}",
    }


def test_receiver_believes_whom_it_should_and_tells_once(receiver):
    url, said = receiver
    assert [post(url, signed("msg_1")), post(url, signed("msg_1")), post(url, signed("msg_2"))] == [204, 204, 204]
    assert [said.readline(), said.readline()] == ["job.completed one a.png\n"] * 2


def test_receiver_refuses_what_is_forged_changed_or_old(receiver):
    url, _ = receiver
    forged = {**signed("msg_1"), "webhook-signature": "v1,bm90IG91cnM="}
    answers = [
        post(url, forged),
        post(url, signed("msg_1"), BODY.replace(b"one", b"two")),
        post(url, {**signed("msg_1"), "webhook-id": "msg_2"}),
        post(url, signed("msg_1", ago=600)),
        post(url, {}),
    ]
    assert answers == [401] * 5
