"""The page of the settings: every key of the configuration, with its variables, its default and its meaning."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from comfy_gen.config.keys import KEYS, PREFIX, SECTIONS, attribute_of
from comfy_gen.config.settings import JobOptions, Settings
from scripts.reference.page import code, codes, link, page, sentence, table, told

if TYPE_CHECKING:
    from comfy_gen.config.keys import Key

HEAD = f"""\
Each value can stand in `config.yaml`, as `section:` with the name below it, or in the environment; `comfygen serve`
also reads `.env` in the folder where it is started. Its own variable is `{PREFIX}SECTION_NAME`; where there are others,
the first that is set counts. The environment goes before the file, and options of a command go before both.
`comfygen config show` lists all values, each with where it came from; a name that does not exist is refused, with the
nearest that does. `.env.example` in the project's folder has all variables, to be copied to `.env`."""

OTHERS = (
    ("COMFYGEN_CONFIG", "The configuration file, if it is not `./config.yaml`."),
    ("OTEL_EXPORTER_OTLP_ENDPOINT", "Where OpenTelemetry's spans are sent; needs the extra `tracing`."),
)


def render() -> str:
    """Return the page."""
    return page(
        "Settings",
        HEAD,
        table(["section", "what it sets"], [(link(code(one), one), _about(one)) for one in SECTIONS]),
        *(part for section in SECTIONS for part in _section(section)),
        "## Variables without a key",
        table(["variable", "meaning"], [(code(name), meaning) for name, meaning in OTHERS]),
    )


def _about(section: str) -> str:
    options = getattr(Settings(), attribute_of(section))
    return sentence(told(f"the section {section}", type(options).__doc__).partition(". ")[0])


def _section(section: str) -> tuple[str, str, str]:
    keys = [key for key in KEYS.values() if key.section == section]
    return f"## {section}", _about(section), table(["key, variables", "value", "default", "meaning"], map(_row, keys))


def _row(key: Key) -> tuple[str, str, str, str]:
    names = f"{code(key.path)}<br>{codes(key.variables)}"
    return names, key.kind.expected, default_of(key), sentence(told(key.path, key.meaning))


def default_of(key: Key) -> str:
    """Return a default as one reads it: not that of the machine on which the page is made."""
    if key.path == "jobs.data_dir" and key.default == JobOptions().data_dir:
        return code("~/.local/share/comfygen")
    default: Any = key.default
    if isinstance(default, bool):
        return code(str(default).lower())
    if isinstance(default, tuple):
        return codes(default) if default else "none"
    if default is None or default == "":
        return "none"
    return code(default.as_posix() if isinstance(default, Path) else f"{default:g}" if _is_number(default) else default)


def _is_number(value: object) -> bool:
    return isinstance(value, float)
