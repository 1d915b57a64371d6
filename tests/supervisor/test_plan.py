from __future__ import annotations

import pytest

from comfy_gen.supervisor.plan import End, GiveUp, Restart, after_exit

NOW = 1000.0


def ends(*lasted: float, has_answered: bool = True, code: int = 1) -> list[End]:
    return [End(NOW, code, one, has_answered) for one in lasted]


@pytest.mark.parametrize(
    ("code", "manner"),
    [
        (0, "ended with status 0"),
        (3, "ended with status 3"),
        (-9, "was ended by SIGKILL"),
        (-99, "was ended by signal 99"),
    ],
)
def test_who_is_not_supervised_is_not_started_again_and_the_manner_is_told(code: int, manner: str):
    plan = after_exit(ends(500.0, code=code), now=NOW, is_supervised=False)

    assert plan == GiveUp(f"it {manner}")


@pytest.mark.parametrize(
    ("lasted", "pause"),
    [
        ([500.0], 1.0),
        ([20.0], 1.0),
        ([20.0, 20.0], 2.0),
        ([20.0, 20.0, 20.0], 4.0),
        ([20.0] * 20, 60.0),
        ([20.0, 20.0, 500.0], 1.0),
        ([500.0, 20.0, 20.0], 2.0),
    ],
)
def test_pauses_double_until_it_has_run_for_a_while(lasted: list[float], pause: float):
    assert after_exit(ends(*lasted), now=NOW, is_supervised=True) == Restart(pause)


def test_pause_is_shorter_by_the_time_that_has_passed():
    assert after_exit(ends(20.0, 20.0, 20.0), now=NOW + 3, is_supervised=True) == Restart(1.0)
    assert after_exit(ends(20.0), now=NOW + 3, is_supervised=True) == Restart(0.0)


def test_pause_is_no_longer_where_the_clock_was_put_back():
    assert after_exit(ends(20.0), now=NOW - 3600, is_supervised=True) == Restart(1.0)


def test_five_quick_ends_in_a_row_are_enough():
    plan = after_exit(ends(500.0, 1.0, 1.0, 1.0, 1.0, 1.0), now=NOW, is_supervised=True)

    assert plan == GiveUp("it ended with status 1, the 5th time in a row that it did not last")
    assert isinstance(after_exit(ends(1.0, 1.0, 1.0, 1.0), now=NOW, is_supervised=True), Restart)
    assert isinstance(after_exit(ends(1.0, 1.0, 20.0, 1.0, 1.0, 1.0, 1.0), now=NOW, is_supervised=True), Restart)


def test_end_before_the_first_answer_is_a_quick_one_however_long_it_took():
    plan = after_exit(ends(*[90.0] * 5, has_answered=False), now=NOW, is_supervised=True)

    assert isinstance(plan, GiveUp)
