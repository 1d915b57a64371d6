"""The page on the quality gate, done: its commands and programs are run, and its tables are held to the code."""

from __future__ import annotations

import json
import os
import re
import shlex
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from PIL import PngImagePlugin

from comfy_gen.api.wire.requests import QualityBody
from comfy_gen.api.wire.results import QualityFound
from comfy_gen.api.wire.takes import Finding, Take, Verdict
from comfy_gen.cli import main
from comfy_gen.cli.failures import EXIT_NOT_PASSED
from comfy_gen.config.keys import KEYS
from comfy_gen.errors import InvalidParameterError
from comfy_gen.sandbox import SandboxOptions, parse_fault
from comfy_gen.validation import basic
from comfy_gen.validation.clip import DEFAULT_MODEL
from comfy_gen.validation.quality import Quality, quality_of
from comfy_gen.validation.retry import MAX_CFG, STRATEGIES, RetryParams, retry_params
from comfy_gen.validation.scoring.loading import RETRY_AFTER
from comfy_gen.validation.scoring.weights import KINDS
from comfy_gen.validation.thresholds import DEFAULT
from tests.background import BackgroundSandbox
from tests.docs.programs import read_page, run_shell
from tests.docs.test_jobs import said
from tests.served import ServedProcess, environment_of
from tests.taught_clip import PROMPTS, picture, teach

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAGE = Path(__file__).parents[2] / "docs" / "quality.md"
TEXT = PAGE.read_text(encoding="utf-8")
BEGINNING = TEXT.partition("\n## ")[0]
SH = read_page(PAGE, "sh")
LIGHTHOUSE = "a lighthouse at dusk"
KNOWN = [*PROMPTS, LIGHTHOUSE]


def block(language: str) -> str:
    """Return the text of a language at the beginning of the page."""
    (found,) = re.findall(rf"```{language}\n(.*?)```", BEGINNING, re.DOTALL)
    return found


def table(heading: str) -> list[list[str]]:
    """Return the cells of a table below its first line, which begins like this."""
    (lines,) = re.findall(rf"^\| {re.escape(heading)}[^\n]*\n\|[-|]+\|\n((?:\|[^\n]*\n)+)", TEXT, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split(" |")] for line in lines.splitlines()]


def named(cell: str) -> list[str]:
    """Return the names in a cell."""
    return re.findall(r"`(\w+)`", cell)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows what the page's pictures show."""
    pytest.importorskip("transformers", reason="pip install 'comfygen-server[clip]'")
    known = {prompt: picture(number) for number, prompt in enumerate(KNOWN)}
    return teach(tmp_path_factory.mktemp("clip") / "clip", known)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which commands are run, with the page's pictures."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("COMFY")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    Path("pictures").mkdir()
    for number, prompt in enumerate(PROMPTS):
        info = PngImagePlugin.PngInfo()
        info.add_text("parameters", f"{prompt}\nSteps: 20, Seed: {number}")
        picture(number).save(f"pictures/{number}.png", pnginfo=info)
    picture(KNOWN.index(LIGHTHOUSE)).save("lighthouse.png")
    return tmp_path


@pytest.fixture
def spoiling() -> Iterator[BackgroundSandbox]:
    """The sandbox of the page, which is started as its first line says."""
    words = shlex.split(block("bash").splitlines()[0], comments=True)
    assert words[:4] == ["comfygen", "sandbox", "--port", "8188"]
    faults = [parse_fault(words[words.index("--fault") + 1])]
    with BackgroundSandbox(SandboxOptions(step_time=0.0, faults=faults)) as sandbox:
        yield sandbox


def run(command: str, words: Mapping[str, str] | None = None) -> int:
    """Run a command in this process, and return its exit code."""
    program, *rest = shlex.split(command, comments=True)
    assert program == "comfygen"
    rest = [(words or {}).get(word, word) for word in rest]
    return main([name for word in rest for name in (sorted(map(str, Path().glob(word))) if "*" in word else [word])])


def test_black_pictures_are_made_again_as_it_says(spoiling: BackgroundSandbox, tmp_path: Path):
    _, serve, *asking = block("bash").splitlines(keepends=True)
    assert shlex.split(serve) == ["comfygen", "serve", "&"]
    environment = environment_of(spoiling.url, tmp_path, COMFYGEN_QUALITY_MODEL="none")
    with ServedProcess(tmp_path, environment) as served:
        assert list(run_shell(served, "".join(asking))) == block("text").splitlines()


def test_pictures_are_judged_wherever_commands_make_them(
    spoiling: BackgroundSandbox, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("COMFYUI_API_BASE", spoiling.url)
    monkeypatch.setenv("COMFYGEN_QUALITY_MODEL", "none")
    generate, submit, compose = block("sh").splitlines()
    assert run(generate) == 0
    assert "Take 3" in capsys.readouterr().err
    assert len(list(folder.glob("*.png"))) == 2
    assert (run(submit), run("comfygen worker --drain"), run(compose)) == (0, 0, 0)
    capsys.readouterr()
    assert run("comfygen library list --passed --json") == 0
    assert len(json.loads(capsys.readouterr().out)["generations"]) == 2


def test_commands_score_learn_and_forget(
    model: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("COMFYGEN_QUALITY_MODEL", str(model))
    commands = [line for heading in ("Scores", "Thresholds") for text in SH[heading] for line in text.splitlines()]
    assert len(commands) == 5
    assert [(line, run(line, {DEFAULT_MODEL: str(model)})) for line in commands] == [(line, 0) for line in commands]
    said = capsys.readouterr()
    assert "pass from 0.250 on: the default" in said.err
    assert "Kept in" in said.err
    assert "pass from 0.25 on again" in said.out
    assert json.loads((folder / "data" / "thresholds.json").read_bytes()) == {"models": {}}


def test_library_is_searched_as_it_says(folder: Path):
    (text,) = SH["What is told"]
    assert [run(line) for line in text.splitlines()] == [0, 0]


def test_options_have_the_defaults_and_ranges_of_the_table():
    rows = {row[0].strip("`"): row[1:3] for row in table("option")}
    body = {field.alias or name for name, field in QualityBody.model_fields.items()}
    assert rows.keys() == body
    known = {one.name: one.default for one in fields(Quality)} | {"validate": False}
    assert {name: default for name, (default, _) in rows.items()} == {name: said(known[name]) for name in rows}
    assert named(rows["retry_strategy"][1]) == list(STRATEGIES)
    for name, (_, span) in rows.items():
        if bounds := re.fullmatch(r"(-?\d+) to (\d+)", span):
            least, most = map(int, bounds.groups())
            for inside in (least, most):
                assert getattr(quality_of(validate=True, **asked(name, inside)), name) == inside
            for outside in (least - 1, most + 1):
                with pytest.raises(InvalidParameterError):
                    quality_of(**asked(name, outside))
    assert f"or {DEFAULT:g} |" in TEXT


def asked(name: str, value: int) -> dict[str, Any]:
    """Return an option as it is given."""
    return {name: value}


def test_most_takes_are_counted_as_it_says():
    both = Quality(auto_retry=True, best_of=4, retry_limit=3)
    assert "`best_of` 4 and `retry_limit` 3 are six takes at most" in TEXT
    assert both.most_takes == 6


def test_checks_have_the_limits_of_the_table():
    rows = {row[0].strip("`"): re.fullmatch(r"(below|above) ([\d.]+)", row[-1]) for row in table("check")}
    found = [*basic.findings_of(picture(1), size=(64, 64)), *basic.likenesses([1])]
    assert list(rows) == [one.check for one in found]
    assert {name: float(row[2]) for name, row in rows.items() if row} == {one.check: one.limit for one in found}
    assert [name for name, row in rows.items() if row and row[1] == "above"] == [
        "undecodable",
        "size",
        "white",
        "dead_blocks",
    ]
    assert f"marks that differ, of {basic.BITS}" in TEXT


def test_strategies_have_the_numbers_of_the_table():
    base = RetryParams(steps=30, cfg=7.0, seed=100, positive_prompt="a fox", negative_prompt="fog")
    for row in table("take"):
        number = int(row[0])
        progressive, searching, enhancing = (retry_params(number, name, base, seed=5) for name in STRATEGIES)
        assert row[1] == f"{progressive['steps']}, {progressive['cfg']}"
        assert row[2] == f"+ {searching['seed'] - base['seed']}"
        assert f"a fox{row[3]}" == enhancing["positive_prompt"]
        assert {progressive["seed"], enhancing["seed"]} == {100 if number == 1 else 5}
    assert f"never above {MAX_CFG:g}" in TEXT


def test_everything_that_is_told_is_named():
    told = [set(named(row[1])) for row in table("where")[:4]]
    assert told[0] == QualityFound.model_fields.keys()
    assert told[1:] == [kind.model_fields.keys() for kind in (Take, Verdict, Finding)]


def test_table_names_every_setting_with_its_default():
    rows = {row[0]: row[1] for row in table("variable")}
    meant = [key for key in KEYS.values() if key.section == "quality"]
    assert rows == {f"`{key.variables[0]}` ({key.path})": said(key.default) for key in meant}


def test_figures_are_as_it_says():
    assert f"end with {EXIT_NOT_PASSED} if what they made" in TEXT
    assert "tried again a minute later" in TEXT
    assert RETRY_AFTER == 60
    assert len(KINDS) == len(re.findall(r"CLIP|SigLIP", "CLIP, MetaCLIP 2, SigLIP or SigLIP 2"))
    assert "CLIP, MetaCLIP 2, SigLIP or SigLIP 2" in TEXT
