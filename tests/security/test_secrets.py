"""What is secret in a request goes where it is needed, and nowhere else."""

from __future__ import annotations

import json
import logging
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from comfy_gen.app.links import Links
from comfy_gen.app.secret import secret_of
from tests.api.conftest import client_of, picture_graph
from tests.api.live import stream
from tests.security.operations import ALL

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "sekret-of-the-bucket-7c1f"
LOGIN, TOKEN = "sekret-login-7c1f", "sekret-token-7c1f"
S3 = {
    "access_key_id": "AKIAEXAMPLE",
    "secret_access_key": SECRET,
    "endpoint_url": "https://bucket.invalid",
    "bucket_name": "bucket",
}
HOOK = {"url": f"https://me:{LOGIN}@hooks.invalid/x?token={TOKEN}"}


def asked(**more: Any) -> dict[str, Any]:
    return {"input": {"workflow_json": picture_graph(), **more}}


def bytes_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


async def test_no_answer_and_no_line_of_the_log_has_a_secret(served, caplog):
    caplog.set_level(logging.DEBUG)
    result = (await served.client.post("/generate/sync", json=asked(s3=S3, webhook=HOOK))).json()
    (told,) = await served.service.outbox.deliveries(result["id"])
    names = {name for operation in ALL for name in operation.parameters}
    ids = dict.fromkeys(names, "none") | dict.fromkeys(("job_id", "artifact_id", "generation_id"), result["id"])
    ids |= {"webhook_id": told.delivery_id, "other_id": result["id"]}
    paths = [operation.at(**ids) for operation in ALL if operation.method == "GET" and operation.path != "/events"]
    said = [json.dumps(result), *[(await served.client.get(path)).text for path in paths]]
    async with aclosing(stream(served)) as events:
        said.append((await anext(events)).decode())
    said += [record.getMessage() for record in caplog.records if record.name.startswith("comfy_gen")]
    for text in said:
        assert not [secret for secret in (SECRET, LOGIN, TOKEN) if secret in text], text
    assert any("hooks.invalid" in text for text in said)


async def test_body_of_a_webhook_has_no_secret(serve):
    served = await serve(with_worker=False)
    job_id = await _cancelled(served, asked(s3=S3, webhook=HOOK))
    (due,) = await served.service.outbox.due(time.time() + 1e6)
    assert due.job_id == job_id
    body = json.dumps(due.body)
    assert not [secret for secret in (SECRET, LOGIN, TOKEN, "AKIAEXAMPLE", "sealed") if secret in body]


async def test_login_and_keys_are_nowhere_in_the_folder(serve, tmp_path):
    served = await serve(with_worker=False)
    await served.caller("somebody")
    _, text = await served.service.keys.create("other", "other", frozenset({"read"}), now=1.0)
    client = await served.caller("third", "admin")
    job_id = (await client.post("/generate", json=asked(s3=S3))).json()["id"]
    kept = json.dumps((await served.service.queue.store.request(job_id)).as_json()).encode() + bytes_in(tmp_path)
    assert b"bucket.invalid" in kept
    for secret in (SECRET, text, text.rpartition("_")[2]):
        assert secret.encode() not in kept


async def test_only_who_runs_the_service_can_read_its_secret(served, tmp_path):
    (path,) = tmp_path.glob("secret.key")
    assert path.stat().st_mode & 0o077 == 0
    secret = path.read_text().strip()
    served.service.queue.board.stop()  # or the stream of all jobs had no end
    for operation in ALL:
        if operation.method == "GET":
            names = dict.fromkeys(operation.parameters, "../secret.key")
            assert secret not in (await served.client.get(operation.at(**names))).text


WRONG: list[dict[str, Any]] = [
    {"s3": SECRET},
    {"s3": {**S3, "secret_access_key": {SECRET: SECRET}} | {"secret_access_key": [SECRET]}},
    {"s3": {**S3, "secret_access_key": SECRET * 100}},
    {"s3": {**S3, "secret_access_key": f"{SECRET}\n"}},
    {"s3": {**S3, "secret": SECRET}},
    {"s3": {**S3, "bucket_name": "A"}},
    {"s3": {**S3, "region": "eu west"}},
    {"s3": {**S3, "endpoint_url": f"http://me:{SECRET}@127.0.0.1"}},
    {"s3": {**S3, "endpoint_url": f"https://me:{SECRET}@bucket.example"}},
    {"s3": {**S3, "access_key_id": ""}},
    {"webhook": SECRET},
    {"webhook": {"url": f"http://me:{SECRET}@127.0.0.1/x?token={SECRET}"}},
    {"webhook": {"url": f"ftp://{SECRET}@hooks.invalid/?token={SECRET}"}},
    {"webhook": {"url": [f"https://{SECRET}@hooks.invalid"]}},
    {"webhook": {"url": f"https://me:{SECRET}@hooks.invalid/\x00"}},
    {"s3": S3, "priority": 1_000},
    {"s3": S3, "workflow_json": {}},
    {"s3": S3, "metadata": {"a": float("inf")}},
]


async def test_refusal_does_not_repeat_what_is_secret(served, caplog):
    caplog.set_level(logging.DEBUG)
    for body in (json.dumps(asked(**wrong)) for wrong in WRONG):
        for path in ("/generate", "/generate/sync", "/workflows/sd15/run"):
            answer = await served.client.post(path, content=body, headers={"Content-Type": "application/json"})
            assert 400 <= answer.status_code < 500, answer.text
            assert SECRET not in answer.text
    assert SECRET not in "".join(record.getMessage() for record in caplog.records)


async def test_login_of_an_engine_is_told_nobody(serve):
    served = await serve(with_worker=False)
    reader, admin = await served.caller("reader"), await served.caller("admin", "admin")
    body = {"url": f"http://me:{LOGIN}@engine.invalid:8188", "name": "other"}
    answer = await admin.post("/engines", json=body)
    assert answer.status_code == 201
    again = await admin.post("/engines", json=body)
    told = [(await client.get("/engines")).text for client in (reader, admin)]
    assert not [text for text in (answer.text, again.text, *told) if LOGIN in text]


async def test_link_opens_one_file_for_a_while(served):
    one, other = [(await served.done())["output"][0]["id"] for _ in range(2)]
    stranger = client_of(served.app, peer="93.184.216.34")
    good = served.service.links.sign(one)
    assert (await stranger.get(good)).status_code == 200
    assert (await stranger.get(good.replace(one, other))).status_code == 401
    forged = f"{good[:-9]}{'A' if good[-9] != 'A' else 'B'}{good[-8:]}"
    assert (await stranger.get(forged)).status_code == 401
    assert (await stranger.get(good.partition("?")[0])).status_code == 401
    assert (await stranger.get(good.replace("/artifacts/", "/jobs/"))).status_code in {401, 404}
    settings = served.service.settings
    past = Links(secret_of(settings), lifetime=1e9, clock=lambda: time.time() - settings.api.link_lifetime - 5)
    assert (await stranger.get(past.sign(one))).status_code == 401
    assert (await stranger.get(Links("another secret").sign(one))).status_code == 401


async def test_link_is_not_in_the_log(served, caplog):
    caplog.set_level(logging.DEBUG)
    (output,) = (await served.done())["output"]
    token = output["url"].partition("token=")[2]
    assert (await served.client.get(output["url"])).status_code == 200
    assert token not in "".join(record.getMessage() for record in caplog.records if record.name.startswith("comfy_gen"))


async def _cancelled(served, body: dict[str, Any]) -> str:
    job_id = (await served.client.post("/generate", json=body)).json()["id"]
    await served.client.post(f"/jobs/{job_id}/cancel")
    return job_id
