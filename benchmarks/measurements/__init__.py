"""The measurements: modules with ``measure``, which yields findings; their docstrings head the parts of the report."""

from __future__ import annotations

import ast
from pathlib import Path

LIMITS = {
    "programs": 180,
    "gateways": 400,
    "throughput": 180,
    "gaps": 240,
    "scaling": 240,
    "profile": 180,
    "store": 240,
    "accepting": 240,
    "streams": 120,
    "memory": 360,
    "affinity": 60,
    "starting": 180,
    "commands": 60,
    "composing": 180,
    "hostile_texts": 180,
    "scoring": 240,
    "studio": 240,
}
"""Each by its name, in the order of the report, with the seconds after which it is given up."""


def described(name: str) -> tuple[str, str]:
    """Return what a measurement is about: a heading, and more to read."""
    source = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    heading, _, text = (ast.get_docstring(ast.parse(source)) or name).partition("\n")
    return heading.rstrip("."), text.strip()
