"""The measurements: modules with ``measure``, which yields findings; their docstrings head the parts of the report."""

from __future__ import annotations

import ast
from pathlib import Path

LIMITS = {
    "programs": 120,
    "gateways": 300,
    "throughput": 120,
    "gaps": 180,
    "scaling": 240,
    "profile": 120,
    "store": 180,
    "accepting": 120,
    "streams": 120,
    "memory": 360,
    "affinity": 60,
    "starting": 90,
    "commands": 60,
    "composing": 90,
    "hostile_texts": 90,
    "scoring": 120,
    "studio": 180,
}
"""Each by its name, in the order of the report, with the seconds after which it is given up."""


def described(name: str) -> tuple[str, str]:
    """Return what a measurement is about: a heading, and more to read."""
    source = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    heading, _, text = (ast.get_docstring(ast.parse(source)) or name).partition("\n")
    return heading.rstrip("."), text.strip()
