"""Every example of the four documents of the specification, run as a reader would run it.

`tests/mission/*.yaml` lists them with the way in which each is run, and what it has to print.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from scripts.mission.index import read_index, text_of
from tests.mission.ways import WAYS

if TYPE_CHECKING:
    from scripts.mission.index import Example
    from tests.mission.stage import Stage

EXAMPLES = [
    pytest.param(document.name, example, id=f"{document.name}/{example.name}")
    for document in read_index()
    for heading in document.headings
    for example in heading.examples
]


@pytest.mark.parametrize(("document", "example"), EXAMPLES)
def test_example(document: str, example: Example, stage: Stage) -> None:
    printed = WAYS[example.way](example, text_of(document, example), stage)
    assert re.search(example.shows, printed or ""), printed
