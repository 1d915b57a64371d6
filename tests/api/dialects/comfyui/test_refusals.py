from __future__ import annotations

import json

import pytest

from comfy_gen.api.dialects.comfyui.refusals import answer
from comfy_gen.api.problems import Told, told_of
from comfy_gen.errors import GraphTooLargeError, OwnerQueueFullError, UnauthorizedError


@pytest.mark.parametrize(
    ("error", "status", "header"),
    [
        (UnauthorizedError(), 401, "www-authenticate"),
        (OwnerQueueFullError(5, 5), 429, "retry-after"),
        (GraphTooLargeError(3, 2), 400, "content-type"),
    ],
)
def test_errors_of_ours_are_told_in_the_envelope_with_their_code(error, status, header):
    response = answer(told_of(error))
    body = json.loads(bytes(response.body))
    assert response.status_code == status
    assert header in response.headers
    assert body["node_errors"] == {}
    told = body["error"]
    assert (told["type"], told["extra_info"]["code"]) == (error.code, error.code)
    assert (told["message"], told["details"]) == (error.message, error.hint)


def test_facts_of_an_error_are_told_beside_its_code():
    body = json.loads(bytes(answer(Told(404, "x", "no x", details={"name": "y"})).body))
    assert body["error"]["extra_info"] == {"name": "y", "code": "x"}
