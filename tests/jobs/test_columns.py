from __future__ import annotations

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from comfy_gen.jobs.columns import JsonText, Words, pair_text

_DIALECT = sqlite.dialect()


@pytest.mark.parametrize(
    ("text", "kept"), [("ä", "ä"), ("a\0b", "a�b"), ("\ud83d", "?"), ("plain", "plain"), (None, None)]
)
def test_text_is_one_that_both_databases_hold(text, kept):
    assert Words().process_bind_param(text, _DIALECT) == kept


@pytest.mark.parametrize("value", [None, [], {"a": "\0\ud83d"}, 0, False])
def test_json_comes_back(value):
    column = JsonText()
    stored = column.process_bind_param(value, postgresql.dialect())
    assert stored is None or stored.isascii()
    assert column.process_result_value(stored, _DIALECT) == value


@pytest.mark.parametrize("text", ["plain", 'say "a"', "\0\ud83d", "ä\\"])
def test_a_name_with_its_value_is_found_in_what_is_stored(text):
    stored = JsonText().process_bind_param({"other": [1], text: text}, _DIALECT)
    assert stored is not None
    assert pair_text(text, text) in stored
    assert pair_text(text, f"{text}!") not in stored
