from __future__ import annotations

from pathlib import Path

import pytest

from comfy_gen.config.keys import KEYS
from comfy_gen.config.layers import default_layer, environment_layer, file_layer, flag_layer
from comfy_gen.config.merge import compose, merge
from comfy_gen.config.parser import read_document
from comfy_gen.config.settings import Settings


def merged(file="", environ=None, flags=None):
    return merge(
        [
            default_layer(),
            file_layer(read_document(file.encode()), "c.yaml"),
            environment_layer(environ or {}),
            flag_layer(flags or {}),
        ]
    )


def test_nothing_set_gives_the_defaults():
    values = merged()
    assert list(values) == list(KEYS)
    assert compose(values) == Settings()


def test_flag_overrides_environment_overrides_file_overrides_default():
    file = "batch:\n  max_concurrent: 1\n  max_retries: 1\n  retry_on_failure: false\n"
    environ = {"COMFYGEN_BATCH_MAX_CONCURRENT": "2", "COMFYGEN_BATCH_MAX_RETRIES": "2"}
    values = merged(file, environ, {"batch.max_concurrent": 3})
    batch = compose(values).batch
    assert (batch.max_concurrent, batch.max_retries, batch.retry_on_failure) == (3, 2, False)
    assert [str(values[f"batch.{name}"].origin) for name in ("max_concurrent", "max_retries", "retry_on_failure")] == [
        "flag",
        "COMFYGEN_BATCH_MAX_RETRIES",
        "c.yaml:4",
    ]


@pytest.mark.parametrize(
    ("file", "environ", "flags", "engine"),
    [
        ("comfyui: {host: a}", {}, {}, "http://a:8188"),
        ("comfyui: {host: a, url: 'http://b'}", {}, {}, "http://b"),
        ("comfyui: {host: a}", {"COMFYUI_API_BASE": "http://b"}, {}, "http://b"),
        ("comfyui: {url: 'http://a', port: 1}", {"COMFYGEN_COMFYUI_HOST": "b"}, {}, "http://b:1"),
        ("", {"COMFYUI_API_BASE": "http://a"}, {"comfyui.host": "b"}, "http://b:8188"),
        ("", {"COMFYGEN_COMFYUI_HOST": "b"}, {"comfyui.url": "http://a"}, "http://a"),
    ],
)
def test_engine_is_where_the_greatest_source_says(file, environ, flags, engine):
    assert compose(merged(file, environ, flags)).engine_url == engine


def test_documented_file_makes_the_documented_settings(documented):
    settings = compose(merged(documented))
    assert settings.engine_url == "http://127.0.0.1:8188"
    assert settings.comfyui.timeout == 300
    assert (settings.websocket.enable, settings.websocket.reconnect_attempts, settings.websocket.reconnect_delay) == (
        True,
        5,
        2,
    )
    assert (settings.workflow.validate_before_send, settings.workflow.auto_queue) == (True, True)
    assert settings.output.output_dir == Path("outputs")
    assert (settings.output.download_results, settings.output.save_metadata) == (True, True)
    assert (settings.batch.max_concurrent, settings.batch.retry_on_failure, settings.batch.max_retries) == (3, True, 3)
    assert (settings.logging.level, settings.logging.file, settings.logging.console) == (
        "INFO",
        Path("comfyui_api.log"),
        True,
    )
