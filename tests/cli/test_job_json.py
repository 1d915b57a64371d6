from comfy_gen.cli.job_json import request_json
from comfy_gen.jobs.request import JobRequest, Webhook

GRAPH = {"1": {"class_type": "A", "inputs": {}}}


def test_request_is_told_without_the_secrets_of_its_webhook():
    told = request_json(JobRequest(GRAPH, webhook=Webhook("https://me:secret@hooks/x?token=abc", {"order": 7})))
    assert told["webhook"] == {"url": "https://***@hooks/x?token=***", "extra_params": {"order": 7}}
    assert told["workflow"] == GRAPH


def test_request_without_a_webhook_is_told_as_it_is():
    request = JobRequest(GRAPH, title="one")
    assert request_json(request) == request.as_json()
