"""Writes `.env.example`: every variable that sets something, with its default and its meaning.

    python scripts/env_example.py

It is made of `comfy_gen.config.keys`, and a test compares the two.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from comfy_gen.config.keys import KEYS, SECTIONS
from comfy_gen.config.settings import JobOptions

if TYPE_CHECKING:
    from comfy_gen.config.keys import Key

FILE = Path(__file__).resolve().parent.parent / ".env.example"

HEAD = """\
# What ComfyGen can be told by its environment. Copy this file to .env and take the # away before what you change:
# `comfygen serve` reads .env in the folder where it is started. A variable that is set already counts more.
# The same values can stand in config.yaml; there each is called SECTION.NAME, as in the names COMFYGEN_SECTION_NAME.
"""
TAIL = """
# --- others

# the configuration file, if it is not ./config.yaml
# COMFYGEN_CONFIG=
# where OpenTelemetry's spans are sent (needs the extra "tracing"); its other variables count too
# OTEL_EXPORTER_OTLP_ENDPOINT=
"""


def render() -> str:
    """Return the file."""
    parts = [HEAD]
    for section in SECTIONS:
        keys = [key for key in KEYS.values() if key.section == section]
        parts.append("\n".join([f"\n# --- {section}\n", *map(_lines_of, keys), ""]))
    return "".join([*parts, TAIL])


def _lines_of(key: Key) -> str:
    # People know the documented name; our own is the same everywhere.
    own, *others = key.variables
    name, *also = [*others, own]
    known = f" (also {', '.join(also)})" if also else ""
    return f"# {key.meaning}{known}\n# {name}={_default_of(key)}"


def _default_of(key: Key) -> str:
    """Return a default as a variable says it."""
    if key.path == "jobs.data_dir" and key.default == JobOptions().data_dir:
        return "~/.local/share/comfygen"  # not that of whoever writes the file
    default = key.default
    if default is None:
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    return " ".join(default) if isinstance(default, tuple) else str(default)


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
