"""What deployed files set is what there is to set: a variable that nobody reads would be a mistake that nobody sees."""

from __future__ import annotations

import json
import re

import pytest

from comfy_gen.config.keys import KEYS
from tests.deploy.conftest import DEPLOY, ROOT
from tests.deploy.secrets_of import names_in

KNOWN = {name for key in KEYS.values() for name in key.variables}
OURS = re.compile(r"\b((?:COMFYGEN|COMFYUI|API|S3|REDIS|WEBHOOK|MLFLOW|MINIO|HF)_[A-Z0-9_]*[A-Z0-9])\b")
OTHERS = {
    "COMFYGEN_IMAGE",  # which image compose takes
    "COMFYUI_IMAGE",
    "COMFYUI_DATA",
    "MINIO_IMAGE",
    "MINIO_PASSWORD",  # compose hands it to MinIO, and to us under another name
    "MINIO_ROOT_USER",
    "MINIO_ROOT_PASSWORD",
}
"""Variables that look like ours and are for others."""
FILES = sorted(
    path
    for path in [ROOT / "Dockerfile", *DEPLOY.rglob("*")]
    if path.is_file() and path.suffix not in {".json", ".sh"} and "__pycache__" not in path.parts
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_each_variable_is_one_of_the_settings(file):
    named = set(OURS.findall(file.read_text(encoding="utf-8"))) - {"COMFYGEN_ENGINES_"}
    assert named - KNOWN - OTHERS == set()


def test_examples_of_secrets_name_settings():
    assert set(names_in(DEPLOY / "comfygen.env.example")) <= KNOWN


def test_files_look_at_metrics_that_there_are():
    page = (ROOT / "docs" / "observability.md").read_text(encoding="utf-8")
    there = set(re.findall(r"`(comfygen_\w+)`", page))
    rules = (DEPLOY / "monitoring" / "rules.yml").read_text(encoding="utf-8")
    panels = json.loads((DEPLOY / "monitoring" / "dashboard.json").read_text(encoding="utf-8"))["panels"]
    asked = " ".join([rules, *(target["expr"] for panel in panels for target in panel["targets"])])
    named = {re.sub(r"_bucket$", "", name) for name in re.findall(r"\bcomfygen_\w+", asked)}
    assert len(named) > 8
    assert named <= there
