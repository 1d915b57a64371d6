from dataclasses import fields

import pytest

from comfy_gen.config.keys import KEYS, SECTIONS, attribute_of
from comfy_gen.config.settings import Settings


def test_every_option_has_a_key_and_every_key_an_option():
    usual = Settings()
    options = {
        (section.name, option.name) for section in fields(usual) for option in fields(getattr(usual, section.name))
    }
    assert {(attribute_of(key.section), key.attribute or key.name) for key in KEYS.values()} == options


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_default_is_what_the_key_takes(key):
    assert key.kind.check(key.default) == key.default


def test_every_variable_sets_one_key():
    variables = [name for key in KEYS.values() for name in key.variables]
    assert len(set(variables)) == len(variables)
    assert "COMFYGEN_BATCH_MAX_CONCURRENT" in variables


SINCE = ("composition", "policy", "quality", "tracking", "service", "models", "mcp", "dialects")


def test_sections_are_in_the_documented_order():
    documented = ("comfyui", "websocket", "workflow", "output", "batch", "logging")
    assert (*documented, "storage", "fleet", "jobs", "webhook", "api", "cache", *SINCE) == SECTIONS
