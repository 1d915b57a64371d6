"""The tables and figures of the page on operating, held to the code."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import fields
from inspect import signature
from typing import TYPE_CHECKING

from comfy_gen.app.doctor.finding import Finding, State
from comfy_gen.cli.doctor_page import show
from comfy_gen.cli.service.commands import start, stop
from comfy_gen.cli.service.wish import FIRST_PORT
from comfy_gen.config.keys import KEYS
from comfy_gen.models.manifest import DEFAULT, load_manifest
from comfy_gen.models.manifest_document import FIELDS, read_document
from comfy_gen.models.model import Model
from comfy_gen.models.pickles import is_pickle_name
from comfy_gen.models.reference import CivitaiVersion, HuggingFaceFile, WebFile, parse_reference
from comfy_gen.models.registry import Entry
from comfy_gen.supervisor import plan
from comfy_gen.supervisor.install import ROOM
from comfy_gen.workflows.catalogue import load_template, template_names
from tests.docs.operated import PROJECT, SOMEWHERE, TEXT, table
from tests.docs.test_jobs import said

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_manage_calls_what_its_table_says(tmp_path: Path):
    program = tmp_path / "told"
    program.write_text('#!/bin/sh\necho "comfygen $*"\n', encoding="utf-8")
    program.chmod(0o755)
    for action, command, *_ in table("action"):
        done = subprocess.run(
            [PROJECT / "manage.sh", "--action", action.strip("`"), "--workflow", "a", "--output", "b", "--model", "c"],
            env={**os.environ, "COMFYGEN": str(program)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        (named,) = re.findall(r"`(comfygen [^`]+)`", command)
        assert done.stdout.startswith(named)
        assert [option in done.stdout for option in (" a", " b", " c")] == [
            option in command for option in ("`--workflow`", "`--output`", "`--model`")
        ]


def test_scripts_call_what_their_table_says():
    for name, command, _ in table("script"):
        words = re.findall(r"`([^`]+)`", command)[0].split()
        source = (PROJECT / "scripts" / name.strip("`")).read_text(encoding="utf-8")
        assert words[0] == "comfygen"
        assert [word for word in words[1:] if f'"{word}"' not in source] == []


def test_rooms_are_those_of_the_installer():
    rooms = {(row[0], device): row[place] for row in table("from") for place, device in ((1, "cpu"), (2, "cuda"))}
    assert rooms == {key: f"{room / 1e9:g} GB" for key, room in ROOM.items()}


def test_pauses_are_those_of_the_plan():
    assert (plan.FIRST_PAUSE, plan.LONGEST_PAUSE, plan.STEADY, plan.QUICK, plan.MOST_QUICK_ENDS) == (1, 60, 60, 10, 5)
    text = " ".join(TEXT.split())
    assert "after 1, 2, 4 … 60 seconds, and after 1 again once it has run for a minute" in text
    assert "five times in a row before it answers or within 10 seconds" in text


def test_waits_and_port_are_those_of_the_commands():
    waits = [signature(command).parameters["wait"].default for command in (start, stop)]
    assert [f"`--wait` seconds ({wait:g})" in " ".join(TEXT.split()) for wait in waits] == [True, True]
    assert f"or else {FIRST_PORT}." in TEXT


def test_default_set_is_as_large_as_it_says():
    manifest = load_manifest()
    size = sum(manifest.models[name].size or 0 for name in manifest.sets[DEFAULT])
    assert f"SDXL and its VAE, {size / 1e9:.1f} GB" in TEXT


def test_every_way_to_name_a_model_is_understood():
    manifest = load_manifest()
    rows = [re.findall(r"`([^`]+)`", row[0]) for row in table("what you write")]
    named = [name for names in rows[:3] for name in names]
    assert [len(manifest.find(name)) for name in named] == [1, 2, 4, 1]
    hub, version, web = (names[0] for names in rows[3:])
    assert parse_reference(hub) == HuggingFaceFile("OWNER/REPOSITORY", "FILE")
    assert parse_reference(version.replace("VERSION", "7")) == CivitaiVersion(7)
    assert parse_reference(web.replace("…", "example.com/one.safetensors")) == WebFile(f"{SOMEWHERE}/one.safetensors")
    assert {f"template:{name}" for name in template_names()} <= manifest.sets.keys()


def test_manifest_has_the_fields_of_the_table():
    rows = {row[0].strip("`"): row[1] for row in table("field")}
    assert rows.keys() == set(FIELDS)
    missing = [problem.said for problem in read_document("models: {a: {title: b}}").problems]
    assert sorted(missing) == [f"models.a.{name}: it is missing" for name, kind in rows.items() if kind == "required"]


def test_registry_keeps_what_it_says():
    (told,) = re.findall(r"by `FOLDER/FILE` its (.*?)\. ", " ".join(TEXT.split()))
    assert re.findall(r"`(\w+)`", told) == [field.name for field in fields(Entry)]
    assert {field.name for field in fields(Model)} - {"name"} == set(FIELDS)


def test_pickles_are_known_by_the_names_it_tells():
    (names,) = re.findall(r"when they are loaded \(([^)]*) and other pickles\)", " ".join(TEXT.split()))
    suffixes = re.findall(r"`(\.\w+)`", names)
    assert len(suffixes) == 4
    assert all(is_pickle_name(f"a{suffix}") for suffix in suffixes)
    templates = {name: load_template(name).models for name in template_names()}
    unsafe = sorted(name for name, models in templates.items() if any(is_pickle_name(one.file) for one in models))
    assert f"the templates {' and '.join(f'`{name}`' for name in unsafe)} need one each" in " ".join(TEXT.split())


def test_doctor_marks_its_findings_as_the_table_says(capfd: pytest.CaptureFixture[str]):
    rows = [(mark.strip("`"), state) for mark, state, _ in table("mark")]
    show([Finding("a", state, State(state), "b") for _, state in rows], None, brief=False, as_json=False)
    lines = capfd.readouterr().out.splitlines()
    assert [state for _, state in rows] == list(State)
    assert [tuple(line.split()[:2]) for line in lines if line.endswith("b ")] == rows


def test_table_names_every_setting_with_its_default():
    rows = {row[0]: row[1] for row in table("variable")}
    meant = {key.path: key for key in KEYS.values() if key.section in {"service", "models"}}
    named = {path: variable for variable, path in (re.findall(r"`(\w+)` \(([\w.]+)\)", cell)[0] for cell in rows)}
    assert named.keys() == meant.keys()
    assert [path for path, variable in named.items() if variable not in meant[path].variables] == []
    assert {f"`{named[path]}` ({path})": said(key.default) for path, key in meant.items()} == rows
