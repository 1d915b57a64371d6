"""`.env.example` is what its script writes, and sets what the defaults are."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

from comfy_gen.config import Settings, read_settings
from comfy_gen.config.dotenv import parse_env

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENTED = (
    "API_HOST",
    "API_PORT",
    "API_WORKERS",
    "API_RELOAD",
    "API_LOG_LEVEL",
    "COMFYUI_API_BASE",
    "PREPROCESS_WORKERS",
    "GENERATION_WORKERS",
    "POSTPROCESS_WORKERS",
    "MAX_QUEUE_SIZE",
    "API_CACHE",
    "REDIS_HOST",
    "REDIS_PORT",
    "REDIS_DB",
    "S3_ACCESS_KEY_ID",
    "S3_SECRET_ACCESS_KEY",
    "S3_BUCKET_NAME",
    "S3_ENDPOINT_URL",
    "S3_REGION",
    "WEBHOOK_URL",
    "WEBHOOK_TIMEOUT",
)


@pytest.fixture(scope="module")
def text():
    return (PROJECT / ".env.example").read_text(encoding="utf-8")


def test_file_is_what_the_script_writes(text):
    spec = importlib.util.spec_from_file_location("env_example", PROJECT / "scripts/env_example.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert text == script.render(), "run: python scripts/env_example.py"


@pytest.mark.parametrize("name", DOCUMENTED)
def test_documented_variable_has_its_line(text, name):
    assert re.search(rf"^# {name}=", text, re.MULTILINE)


def test_file_with_all_its_lines_taken_in_sets_the_defaults(text, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    variables, wrong = parse_env(re.sub(r"^# (?=[A-Z][A-Z0-9_]+=)", "", text, flags=re.MULTILINE))
    assert not wrong
    assert len(variables) > 60
    environ = {name: value for name, value in variables.items() if name != "COMFYGEN_CONFIG"}
    assert read_settings(environ) == Settings()
