from comfy_gen.app.shown import request_json
from comfy_gen.jobs.request import JobRequest, Webhook
from comfy_gen.storage.destination import Destination

GRAPH = {"1": {"class_type": "A", "inputs": {}}}


def test_request_is_told_without_the_secrets_of_its_webhook():
    told = request_json(JobRequest(GRAPH, webhook=Webhook("https://me:secret@hooks/x?token=abc", {"order": 7})))
    shown = {"url": "https://***@hooks/x?token=***", "extra_params": {"order": 7}, "wants_progress": False}
    assert told["webhook"] == shown
    assert told["workflow"] == GRAPH


def test_request_without_a_webhook_is_told_as_it_is():
    request = JobRequest(GRAPH, title="one")
    assert request_json(request) == request.as_json()


def test_request_is_told_without_the_login_to_its_bucket():
    request = JobRequest(GRAPH, destination=Destination("https://s3", "theirs", "eu", "sealed-login"))
    told = request_json(request)
    assert told["destination"] == {"endpoint_url": "https://s3", "bucket": "theirs", "region": "eu"}
    assert request.as_json()["destination"]["sealed"] == "sealed-login"  # what is kept has it
