from __future__ import annotations

import pytest
from starlette.exceptions import HTTPException

from comfy_gen.api.dialects.comfyui.answers import done, fields_of, ids_in, told


def test_json_says_what_it_is_as_a_comfyui_does():
    response = told({"a": "ü"}, 201, {"x-y": "z"})
    assert (response.body, response.status_code) == (b'{"a":"\\u00fc"}', 201)
    assert (response.headers["content-type"], response.headers["x-y"]) == ("application/json; charset=utf-8", "z")


def test_what_was_done_is_answered_with_nothing():
    assert (done().status_code, done().body) == (200, b"")


def test_what_is_no_object_has_no_fields():
    assert fields_of([1]) == {}
    assert fields_of({"a": 1}) == {"a": 1}


def test_ids_are_the_texts_of_a_list():
    assert ids_in({"delete": ["a", 7, None]}, "delete") == ["a"]
    assert ids_in({}, "delete") == []
    with pytest.raises(HTTPException):
        ids_in({"delete": "a"}, "delete")
