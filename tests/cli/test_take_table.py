from __future__ import annotations

import io

from rich.console import Console

from comfy_gen.cli.take_table import take_table
from comfy_gen.validation.takes import Take


def test_each_take_has_a_line_with_what_was_changed_and_found():
    takes = [
        Take(number=1, passed=False, score=0.2134, reason="[b]too dark[/b]", engine="gpu-1"),
        Take(number=2, passed=None, reason="no weights", changes={"seed": 7, "steps": 50}),
        Take(number=3, passed=True, score=0.3),
    ]
    console = Console(file=io.StringIO(), width=120)
    console.print(take_table(takes, chosen=3))
    lines = [" ".join(line.split()) for line in console.file.getvalue().splitlines()]
    assert lines[1:] == [
        "1 not passed 0.213 gpu-1 [b]too dark[/b]",
        "2 not judged seed 7, steps 50 no weights",
        "3 kept passed 0.300",
    ]
