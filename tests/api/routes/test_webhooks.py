"""Tests of the routes about webhooks."""

from __future__ import annotations

from tests.api.conftest import picture_graph

HOOK = {"url": "https://me:secret@hooks.invalid/x?token=abc"}


async def hooked(served, client=None) -> str:
    """Have a job cancelled that tells somebody of its end; nobody sends it."""
    body = {"input": {"workflow_json": picture_graph(), "webhook": HOOK}}
    job_id = (await (client or served.client).post("/generate", json=body)).json()["id"]
    await (client or served.client).post(f"/jobs/{job_id}/cancel")
    return job_id


async def given_up(served) -> str:
    """Have all webhooks given up, and return one."""
    (delivery,) = await served.service.outbox.due(1e12)
    await served.service.outbox.record_delivery(delivery.delivery_id, status=500, error="it answers 500", now=2.0)
    return delivery.delivery_id


async def test_webhooks_of_a_job_are_told_without_secrets(serve):
    served = await serve(with_worker=False)
    job_id = await hooked(served)
    answer = await served.client.get(f"/jobs/{job_id}/webhooks")
    (told,) = answer.json()["webhooks"]
    assert (told["job_id"], told["state"], told["job_state"]) == (job_id, "pending", "cancelled")
    assert told["url"] == "https://***@hooks.invalid/x?token=***"
    assert "secret" not in answer.text


async def test_webhook_that_was_given_up_is_sent_again(serve):
    served = await serve(with_worker=False)
    await hooked(served)
    webhook_id = await given_up(served)
    (dead,) = (await served.client.get("/webhooks", params={"state": "dead"})).json()["webhooks"]
    assert (dead["id"], dead["status"], dead["error"]) == (webhook_id, 500, "it answers 500")
    again = await served.client.post(f"/webhooks/{webhook_id}/replay")
    assert (again.status_code, again.json()["state"]) == (200, "pending")
    assert (await served.client.get("/webhooks", params={"state": "dead"})).json()["webhooks"] == []


async def test_webhooks_are_listed_in_pages(serve):
    served = await serve(with_worker=False)
    ids = [await hooked(served), await hooked(served)]
    first = (await served.client.get("/webhooks", params={"limit": 1})).json()
    second = (await served.client.get("/webhooks", params={"limit": 1, "cursor": first["next"]})).json()
    assert [first["webhooks"][0]["job_id"], second["webhooks"][0]["job_id"]] == ids[::-1]
    assert second["next"] is None


async def test_webhook_that_does_not_exist_is_not_found(served):
    answer = await served.client.post("/webhooks/none/replay")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "webhook_not_found")


async def test_somebody_elses_webhook_is_as_one_that_does_not_exist(serve):
    served = await serve(with_worker=False)
    ada, bob = await served.caller("ada"), await served.caller("bob")
    job_id = await hooked(served, ada)
    webhook_id = await given_up(served)
    assert (await bob.get(f"/jobs/{job_id}/webhooks")).status_code == 404
    assert (await bob.post(f"/webhooks/{webhook_id}/replay")).status_code == 404
    assert (await bob.get("/webhooks")).status_code == 403
    assert (await ada.post(f"/webhooks/{webhook_id}/replay")).status_code == 200
