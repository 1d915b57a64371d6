from __future__ import annotations

import json
import logging
from datetime import datetime

import pytest
from structlog.contextvars import bound_contextvars

from comfy_gen.config.log_json import json_formatter
from comfy_gen.jobs.current import CURRENT_JOB


@pytest.fixture
def told():
    """Write a record, and return the line and what it says."""
    formatter = json_formatter(('corr"ect', "höchst geheim"))

    def tell(said, *arguments, level=logging.INFO, error=None, **extra):
        log = logging.getLogger("comfy_gen.somewhere")
        record = log.makeRecord(log.name, level, "file", 1, said, arguments, error, extra=extra)
        line = formatter.format(record)
        return line, json.loads(line)

    return tell


def test_line_begins_with_when_and_how_bad(told):
    _, line = told("told %d", 1, level=logging.WARNING)
    assert list(line) == ["timestamp", "level", "event", "logger"]
    assert (line["level"], line["event"], line["logger"]) == ("warning", "told 1", "comfy_gen.somewhere")
    assert datetime.fromisoformat(line["timestamp"]).utcoffset().total_seconds() == 0


def test_request_and_job_go_with_the_line(told):
    token = CURRENT_JOB.set("j1")
    with bound_contextvars(request_id="r1"):
        _, line = told("x")
    CURRENT_JOB.reset(token)
    assert (line["request_id"], line["job_id"]) == ("r1", "j1")


def test_job_that_is_named_counts_more_than_the_one_around(told):
    token = CURRENT_JOB.set("j1")
    _, line = told("x", job_id="j2")
    CURRENT_JOB.reset(token)
    assert line["job_id"] == "j2"


def test_other_facts_of_a_record_stay_out(told):
    _, line = told("x", status=200, color_message="\x1b[1m")
    assert line["status"] == 200
    assert "color_message" not in line


@pytest.mark.parametrize(
    "said",
    ['pass corr"ect', "höchst geheim", "http://user:pass@host/", "GET /?token=sesame", "Authorization: Bearer x"],
)
def test_secrets_are_masked_before_they_are_json(told, said):
    line, _ = told(said)
    assert "***" in line
    assert not any(part in line for part in ("ect", "geheim", "pass@", "sesame", "Bearer x"))


def test_secrets_of_tracebacks_and_facts_are_masked(told):
    error = ValueError('corr"ect')
    _, read = told("it failed", error=(ValueError, error, None), caller='corr"ect')
    assert "ValueError: ***" in read["exception"]
    assert read["caller"] == "***"


def test_nothing_steers_a_terminal_or_ends_the_line(told):
    line, read = told("a\nb\x1b[2J\x9b1m\u2028\u202e\x7f")
    assert line.isascii()
    assert "\n" not in line
    assert "\x1b" not in line
    assert read["event"].startswith("a\nb")
