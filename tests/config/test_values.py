from pathlib import Path

import pytest

from comfy_gen.config.keys import KEYS
from comfy_gen.config.values import Origin, Source, Value


@pytest.mark.parametrize(
    ("origin", "said"),
    [
        (Origin(), "default"),
        (Origin(Source.FILE, "config.yaml", 3), "config.yaml:3"),
        (Origin(Source.ENVIRONMENT, "S3_REGION"), "S3_REGION"),
        (Origin(Source.FLAG), "flag"),
    ],
)
def test_origin_is_a_place(origin, said):
    assert str(origin) == said


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        ("comfyui.url", "http://u:p@h", "http://***@h"),
        ("comfyui.port", 8188, 8188),
        ("logging.file", None, None),
        ("output.output_dir", Path("out"), "out"),
        ("mcp.folders", (Path("out"), Path("in")), ("out", "in")),
        ("storage.secret_key", "hunter2", "***"),
        ("storage.secret_key", "", ""),
    ],
)
def test_value_is_shown_without_secrets(path, value, shown):
    assert Value(KEYS[path], value).shown == shown


def test_secret_is_not_in_the_representation():
    assert "hunter2" not in repr(Value(KEYS["storage.secret_key"], "hunter2"))


def test_greater_source_overrides():
    assert Source.DEFAULT < Source.FILE < Source.ENVIRONMENT < Source.FLAG


def test_only_what_nobody_set_is_default():
    key = KEYS["comfyui.port"]
    assert Value(key, 1).is_default
    assert not Value(key, 1, Origin(Source.FLAG)).is_default
