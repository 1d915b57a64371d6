"""What else a request says of its job: whom to tell, and which bucket gets a copy."""

from __future__ import annotations

import asyncio

from tests.api.dialects.runpod.graphs import body, plain
from tests.served import Elsewhere

LOGIN = {"accessId": "id", "accessSecret": "hidden", "bucketName": "pictures", "endpointUrl": "https://s3.example.com"}


async def test_webhook_is_told_what_the_status_tells(serve):
    served = await serve(jobs={"allow_private_urls": True}, public_url="https://pictures.example.com")
    with Elsewhere() as site:
        job_id = (await served.client.post("/run", json=body(plain(), webhook=site.url))).json()["id"]
        await served.service.queue.watching.end(job_id)
        told = (await served.client.get(f"/status/{job_id}")).json()
        webhook = await _told(site)
    (image,) = webhook.pop("output")["images"]
    assert image["data"].startswith("https://pictures.example.com/artifacts/")
    assert (image["type"], image["filename"]) == ("s3_url", told.pop("output")["images"][0]["filename"])
    assert webhook == told


async def _told(site):
    return await asyncio.to_thread(site.told.get, timeout=10)


async def test_webhook_within_the_network_is_refused(serve):
    served = await serve()
    told = (await served.client.post("/runsync", json=body(plain(), webhook="http://127.0.0.1:9/x"))).json()
    assert (told["status"], told["comfygen"]["code"]) == ("FAILED", "invalid_parameter")


async def test_bucket_is_kept_with_its_login_sealed(serve):
    served = await serve()
    await served.service.queue.store.set_paused(is_wanted=True)
    job_id = (await served.client.post("/run", json=body(plain(), s3Config=LOGIN))).json()["id"]
    kept = await served.service.queue.store.request(job_id)
    assert (kept.destination.bucket, kept.destination.endpoint_url) == ("pictures", "https://s3.example.com")
    assert "hidden" not in str(kept.as_json())
