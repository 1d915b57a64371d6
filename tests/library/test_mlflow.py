from __future__ import annotations

import os
from typing import TYPE_CHECKING

from comfy_gen.library import mlflow
from comfy_gen.library.mlflow import load, reason_of

if TYPE_CHECKING:
    import pytest

URL, ADDRESS = "http://ada:secret@mlflow:5000/", "http://mlflow:5000"


def wrapped(error: Exception, context: Exception) -> Exception:
    """Return an error as a library raises it that does not say what caused it."""
    error.__context__ = context
    return error


def test_the_reason_is_where_an_error_began():
    error = wrapped(ValueError("API request failed"), ConnectionRefusedError(111, "Connection refused"))
    assert reason_of(error, URL, ADDRESS) == "Connection refused"


def test_a_reason_is_one_short_line_without_the_login():
    error = ValueError(f"the server at {URL}api\nsaid: " + 1000 * "no ")
    reason = reason_of(error, URL, ADDRESS)
    assert reason.startswith(f"the server at {ADDRESS}/api said: no no")
    assert len(reason) == 300


def test_an_error_without_words_is_told_by_its_kind():
    assert reason_of(TimeoutError(), URL, ADDRESS) == "TimeoutError"


def test_what_somebody_set_for_mlflow_stays(monkeypatch: pytest.MonkeyPatch):
    for name in mlflow._USUAL:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "77")
    load()
    assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "77"
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
