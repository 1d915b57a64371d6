"""Examples that set something: environment variables, and the configuration file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from comfy_gen.config import read_settings
from comfy_gen.config.dotenv import parse_env
from comfy_gen.config.keys import KEYS, Key, attribute_of

if TYPE_CHECKING:
    from comfy_gen.config import Settings
    from scripts.mission.index import Example
    from tests.mission.stage import Stage


def read_variables(_: Example, text: str, __: Stage) -> None:
    """Read variables as from ``.env``, and see each arrive at its setting."""
    variables, wrong = parse_env(text)
    assert variables
    assert not wrong
    settings = read_settings(variables)
    for name, value in variables.items():
        (key,) = (key for key in KEYS.values() if name in key.variables)
        assert set_at(settings, key) == key.kind.check(key.kind.parse(value)), name


def read_configuration(_: Example, text: str, stage: Stage) -> None:
    """Read a file in the working folder, and see each value arrive at its setting."""
    (stage.folder / "config.yaml").write_text(text, encoding="utf-8")
    settings = read_settings({})
    for section, values in yaml.safe_load(text).items():
        for name, value in values.items():
            key = KEYS[f"{section}.{name}"]
            assert set_at(settings, key) == key.kind.check(value), key.path


def set_at(settings: Settings, key: Key) -> Any:
    """Return the value of a key."""
    return getattr(getattr(settings, attribute_of(key.section)), key.attribute or key.name)
