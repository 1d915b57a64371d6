from __future__ import annotations

import pytest

from comfy_gen.batch.callbacks import Callbacks
from comfy_gen.errors import InvalidParameterError


def test_all_are_called_in_their_order_though_one_raises(caplog):
    callbacks, told = Callbacks(), []
    callbacks.on("job_failed", lambda job: told.append(("first", job)))
    callbacks.on("job_failed", lambda: told.append("takes too little"))
    callbacks.on("job_failed", lambda job: told.append(("last", job)))
    callbacks.tell("job_failed", "a")
    assert told == [("first", "a"), ("last", "a")]
    assert "a callback for job_failed raised" in caplog.text


def test_queue_empty_may_take_nothing_or_the_statistics():
    callbacks, told = Callbacks(), []
    callbacks.on("queue_empty", lambda: told.append("nothing"))
    callbacks.on("queue_empty", told.append)
    callbacks.on("queue_empty", dict)  # a built-in that does not tell what it takes
    callbacks.tell("queue_empty", {"completed": 1})
    assert told == ["nothing", {"completed": 1}]


def test_callback_that_is_added_meanwhile_comes_next_time():
    callbacks, told = Callbacks(), []
    callbacks.on("job_started", lambda _: callbacks.on("job_started", told.append))
    callbacks.tell("job_started", 1)
    assert told == []


def test_unknown_event_is_told_the_nearest():
    with pytest.raises(InvalidParameterError) as caught:
        Callbacks().on("job_complete", print)
    assert "job_completed" in caught.value.hint
