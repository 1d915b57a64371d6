from __future__ import annotations

from typing import Any

import pytest

from comfy_gen.sandbox.metadata import png_metadata
from comfy_gen.sandbox.queue import Item


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({}, {"prompt": "{}"}),
        (
            {"extra_pnginfo": {"workflow": {"a": 1}, "x": "é"}},
            {"prompt": "{}", "workflow": '{"a": 1}', "x": '"\\u00e9"'},
        ),
        ({"extra_pnginfo": "nonsense"}, {"prompt": "{}"}),
    ],
)
def test_metadata_is_the_prompt_and_what_the_submitter_adds(extra: dict[str, Any], expected: dict[str, str]):
    assert png_metadata(Item(0, "p", {}, extra, [])) == expected
