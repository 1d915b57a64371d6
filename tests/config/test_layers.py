from __future__ import annotations

import pytest

from comfy_gen.config.keys import KEYS
from comfy_gen.config.layers import default_layer, environment_layer, file_layer, flag_layer
from comfy_gen.config.parser import read_document
from comfy_gen.config.values import Origin, Source


def of_file(text):
    return file_layer(read_document(text.encode()), "c.yaml")


def test_default_layer_has_every_key():
    layer = default_layer()
    assert list(layer.values) == list(KEYS)
    assert {value.origin for value in layer.values.values()} == {Origin()}


def test_documented_file_is_all_known(documented):
    layer = of_file(documented)
    assert layer.problems == []
    assert len(layer.values) == 18
    assert layer.values["batch.max_concurrent"].origin == Origin(Source.FILE, "c.yaml", 27)


def test_everything_wrong_in_a_file_is_told_in_the_order_of_lines():
    layer = of_file(
        """\
comfyui:
  hots: gpu-1
  port: 99999
websockt:
  enable: 1
port: 3
batch: [1]
logging:
  level: off
  console:
storage:
  secret_key: 0123
  bucket: {a: 1}
  region: 12.50
"""
    )
    assert layer.values == {}
    assert layer.problems == [
        "c.yaml:2: there is no key 'comfyui.hots'; nearest: comfyui.host, comfyui.port, comfyui.timeout",
        "c.yaml:3: comfyui.port is 99999, but must be a whole number from 1 to 65535",
        "c.yaml:4: there is no section 'websockt'; nearest: websocket, webhook, workflow",
        "c.yaml:6: there is no section 'port'; nearest: api.port, cache.port, comfyui.port",
        "c.yaml:7: batch must be a section, with its values below it",
        "c.yaml:9: logging.level is false, but must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
        "c.yaml:10: logging.console has no value, but must be true or false",
        "c.yaml:12: storage.secret_key must be text (a number needs quotes)",
        "c.yaml:13: storage.bucket is a mapping, but must be text (a number needs quotes)",
        "c.yaml:14: storage.region is 12.5, but must be text (a number needs quotes)",
    ]


def test_problem_is_beside_what_is_fine():
    layer = of_file("batch:\n  max_retries: -1\n  max_concurrent: 9\n")
    assert list(layer.values) == ["batch.max_concurrent"]
    assert len(layer.problems) == 1


@pytest.mark.parametrize("value", ["ftp://user:hunter2@h", "http://user:hunter2@h:x"])
def test_login_is_not_in_what_is_told(value):
    (problem,) = of_file(f"comfyui:\n  url: {value}\n").problems
    assert "hunter2" not in problem
    assert "***@h" in problem


def test_long_values_and_names_are_cut():
    layer = of_file(f"logging:\n  level: {'x' * 5000}\n  {'y' * 100}: 1\nbatch: {{max_retries: {'9' * 400}}}\n")
    assert len(layer.problems) == 3
    assert all(len(problem) < 250 for problem in layer.problems)


@pytest.mark.parametrize(
    ("environ", "path", "value"),
    [
        ({"COMFYUI_API_BASE": "http://gpu-1:8188"}, "comfyui.url", "http://gpu-1:8188"),
        ({"COMFYGEN_COMFYUI_URL": "a", "COMFYUI_API_BASE": "b"}, "comfyui.url", "a"),
        ({"S3_BUCKET_NAME": "a", "MINIO_BUCKET": "b"}, "storage.bucket", "a"),
        ({"S3_BUCKET_NAME": "", "MINIO_BUCKET": "b"}, "storage.bucket", "b"),
        ({"MINIO_ENDPOINT": "store:9000"}, "storage.endpoint_url", "http://store:9000"),
        ({"COMFYGEN_WEBSOCKET_ENABLE": "off"}, "websocket.enable", False),
        ({"COMFYGEN_LOGGING_FILE": "none"}, "logging.file", None),
    ],
)
def test_variable_sets_a_value(environ, path, value):
    layer = environment_layer(environ)
    assert layer.problems == []
    assert {path: value.value for path, value in layer.values.items()} == {path: value}
    assert layer.values[path].origin == Origin(Source.ENVIRONMENT, next(name for name in environ if environ[name]))


def test_empty_variable_counts_as_not_set():
    assert environment_layer({"COMFYUI_API_BASE": "", "COMFYGEN_BATCH_MAX_RETRIES": ""}).values == {}


def test_everything_wrong_in_the_environment_is_told():
    layer = environment_layer(
        {
            "COMFYGEN_BATCH_MAX_RETRIES": "many",
            "COMFYGEN_COMFYUI_PORT": "0",
            "COMFYGEN_WEBSOCKET_ENABLED": "1",
            "COMFYGEN_SOMETHING_ELSE": "not ours",
            "PATH": "/bin",
        }
    )
    assert layer.values == {}
    assert layer.problems == [
        "COMFYGEN_COMFYUI_PORT: comfyui.port is 0, but must be a whole number from 1 to 65535",
        "COMFYGEN_BATCH_MAX_RETRIES: batch.max_retries is 'many', but must be a whole number from 0 to 1000",
        (
            "the environment: there is no variable 'COMFYGEN_WEBSOCKET_ENABLED'; nearest: COMFYGEN_WEBSOCKET_ENABLE, "
            "COMFYGEN_DIALECTS_ENABLED, COMFYGEN_WEBSOCKET_RECONNECT_DELAY"
        ),
    ]


def test_flag_sets_a_value_unless_it_was_not_given():
    layer = flag_layer({"batch.max_concurrent": 7, "batch.max_retries": None})
    assert {path: value.value for path, value in layer.values.items()} == {"batch.max_concurrent": 7}
    assert str(layer.values["batch.max_concurrent"].origin) == "flag"


def test_flag_is_checked_too():
    assert flag_layer({"batch.max_concurrent": 0}).problems == [
        "flag: batch.max_concurrent is 0, but must be a whole number from 1 to 10000"
    ]
