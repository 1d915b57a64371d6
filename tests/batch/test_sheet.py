from __future__ import annotations

import pytest

from comfy_gen.batch.change import Change
from comfy_gen.batch.sheet import Row, parse_sheet
from comfy_gen.errors import InvalidParameterError


def test_each_line_is_a_job():
    text = 'job,workflow,seed,3.cfg,prompt\na,w.json,1,,"a cat, asleep"\n\n,,2,5\n'
    assert parse_sheet(text, "t.csv") == [
        Row(2, "w.json", "a", (Change("seed", "1"), Change("prompt", "a cat, asleep"))),
        Row(3, "", "", (Change("seed", "2"), Change("3.cfg", "5"))),
    ]


def test_cell_may_have_several_lines():
    assert parse_sheet('prompt\n"a\nb"\n', "t.csv")[0].changes == (Change("prompt", "a\nb"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "at least one of values"),
        ("seed\n", "at least one of values"),
        ("sed\n1\n", "a column of t.csv"),
        ("seed,seed\n1,2\n", "not seed twice"),
        ("seed\n1,2\n", "line 2 of t.csv"),
        ('seed\n"1\n', "a CSV file"),
    ],
)
def test_what_is_no_table_is_refused(text, said):
    with pytest.raises(InvalidParameterError, match=said):
        parse_sheet(text, "t.csv")
