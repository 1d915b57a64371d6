"""What the pages on deployment and integrations tell people to type, held against the files."""

from __future__ import annotations

import re
import shlex

import pytest

from comfy_gen.config.keys import KEYS
from tests.deploy.conftest import DEPLOY, ROOT, output_of

DEPLOYMENT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
INTEGRATIONS = (ROOT / "docs" / "integrations.md").read_text(encoding="utf-8")


def commands_in(text):
    blocks = re.findall(r"^```bash\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line]


COMMANDS = commands_in(DEPLOYMENT)


def test_files_of_deployment_are_there():
    words = {word for command in COMMANDS for word in command if word.startswith("deploy/")}
    made = {"deploy/comfygen.env", "deploy/compose.full.env"}  # by those who read it
    assert len(words) > 6
    assert [word for word in words - made if not (ROOT / word).exists()] == []


def test_services_of_compose_are_those_of_the_table(compose):
    told = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`\w+`.*?) \|", DEPLOYMENT, re.MULTILINE))))
    listed = output_of_services(compose)
    assert listed <= told


def output_of_services(compose):
    from tests.deploy.secrets_of import filled_in

    secrets = filled_in(DEPLOY / "compose.full.env.example")
    profiles = ("--profile", "gpu", "--profile", "sandbox")
    return set(compose(DEPLOY / "compose.full.yaml", *profiles, "config", "--services", **secrets).split())


def test_values_of_the_chart_are_ones_that_there_are(helm):
    (command,) = [command for command in COMMANDS if command[0] == "helm"]
    given = command[command.index("--set") :]
    output_of([helm, "template", "comfygen", DEPLOY / "helm" / "comfygen", *given])


@pytest.mark.parametrize("page", [DEPLOYMENT, INTEGRATIONS], ids=["deployment", "integrations"])
def test_variables_are_settings(page):
    known = {name for key in KEYS.values() for name in key.variables}
    ours = set(re.findall(r"\b((?:COMFYGEN|S3|REDIS|WEBHOOK|API)_[A-Z_]+[A-Z])\b", page))
    assert ours - known <= {"COMFYGEN_KEY"}  # of the examples


def test_examples_are_there():
    words = {word for command in commands_in(INTEGRATIONS) for word in command}
    programs = {word for word in words if re.fullmatch(r"[a-z]+\.(sh|py|mjs|json)", word)}
    there = {path.name for path in (ROOT / "examples").rglob("*.*") if "node_modules" not in path.parts}
    assert len(programs) >= 6
    assert programs <= there
