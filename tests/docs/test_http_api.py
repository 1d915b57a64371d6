"""The page on the HTTP service, done: its programs and commands, on a service in its own process."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from comfy_gen.cli import main
from comfy_gen.config.keys import KEYS
from tests.docs.programs import SMALL, read_page, run_python, run_script, run_shell
from tests.docs.test_jobs import said
from tests.docs.test_wrapper import image_to_image
from tests.served import ServedProcess, environment_of

PAGE = Path(__file__).parents[2] / "docs" / "http-api.md"
SHELL, PROGRAMS, SCRIPTS, BODIES = (read_page(PAGE, language) for language in ("bash", "python", "javascript", "json"))


@pytest.fixture(scope="module")
def served(tmp_path_factory, engine):
    """A service, in the folder in which the page's commands are run."""
    folder = tmp_path_factory.mktemp("http-api")
    Image.new("RGB", (90, 64), "teal").save(folder / "photo.png")
    graph = image_to_image(engine.checkpoint) | {
        "11": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}}
    }
    del graph["10"]
    (folder / "workflow.json").write_text(json.dumps(graph))
    with ServedProcess(folder, environment_of(engine.url, folder)) as served:
        yield served


def test_readme_says_how_to_ask(served):
    commands, *_ = read_page(PAGE.parents[1] / "README.md", "bash")["Use it"]
    (serve, *asking) = commands.splitlines(keepends=True)
    assert shlex.split(serve, comments=True) == ["comfygen", "serve", "&"]
    assert '"status":"completed"' in run_shell(served, "".join(asking).replace("curl ", "curl -s "))[-1]


def test_picture_is_fetched(served):
    run_shell(served, SHELL["Generate"][0])
    with Image.open(served.folder / "lighthouse.png") as picture:
        assert picture.format == "PNG"


def test_program_saves_what_it_asked_for(served):
    told = run_python(served, PROGRAMS["Generate"][0])
    assert told == "completed Generation completed\n"
    assert list(served.folder.glob("ComfyGen_*.png"))


def test_jobs_are_followed_and_looked_after(served):
    lines = run_shell(served, SHELL["Jobs"][0])
    numbers = [int(line.partition(":")[2]) for line in lines if line.startswith("id:")]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) > 2
    names = [line.partition(": ")[2] for line in lines if line.startswith("event:")]
    assert names[-1] == "end"
    assert '"completed"' in lines
    assert lines[-2:] == ["cancelled", "queued"]


def test_browser_hears_of_the_end(served):
    lines = run_script(served, SCRIPTS["Jobs"][0])
    assert lines[-1] == "end completed"
    assert all(re.fullmatch(r"progress [\d.]+", line) for line in lines[:-1])


@pytest.mark.parametrize("engine", ["sandbox"], indirect=True)  # the shipped workflow's model is no tiny one
def test_workflows_are_run_by_name(served):
    lines = run_shell(served, SHELL["Workflows"][0])
    assert {"sd15", "sdxl", "upscale"} < set(lines)
    assert lines[-3:] == ["queued", "mine", "queued"]
    assert '"type": "integer",' in [line.strip() for line in lines]


@pytest.mark.parametrize("engine", ["sandbox"], indirect=True)  # what is nearest depends on what there is
def test_models_are_listed_and_what_is_missing_is_told(served):
    *models, status, nearest = run_shell(served, SHELL["Workflows"][1])
    assert status == "invalid"
    assert nearest in {line.partition(":")[0] for line in models}


def test_inputs_of_ones_own_workflow_are_named(served):
    (served.folder / "mine.json").write_text((served.folder / "workflow.json").read_text())
    run_shell(served, "curl -s -X PUT http://127.0.0.1:8000/workflows/mine --json @mine.json | jq -r .name")
    assert run_shell(served, SHELL["Workflows"][2]) == ['["subject"]']


def test_uploaded_picture_is_used(served):
    assert run_shell(served, SHELL["Workflows"][3]) == ["completed"]


@pytest.mark.parametrize("engine", ["sandbox"], indirect=True)  # the tiny model is none that categories name
def test_recipe_is_composed(served):
    (summary,) = run_shell(served, SHELL["Compose and keep"][0])
    assert summary.startswith("Selected portrait (subject)")


def test_keys_open_what_they_close(tmp_path, engine, monkeypatch, capsys):
    folder = tmp_path
    environment = environment_of(engine.url, folder)
    with ServedProcess(folder, environment) as served:
        assert served.ask("/queue-info")[0] == 200
        for name in ("COMFYGEN_JOBS_DATA_DIR", "COMFYUI_API_BASE"):
            monkeypatch.setenv(name, environment[name])
        commands = [shlex.split(line, comments=True) for line in read_page(PAGE, "sh")["Access"][0].splitlines()]
        printed = []
        for command in commands:
            assert main(command[1:]) == 0
            printed.append(capsys.readouterr().out)
        key = re.search(r"cg_\w{8}_[\w-]{43}", printed[0]).group()
        assert "dashboard" in printed[2]
        assert key not in printed[2]
        served.stop()
        served.start()  # so that nothing remembers that there was no key
        assert served.ask("/queue-info")[0] == 401
        served.environment["COMFYGEN_KEY"] = key
        assert '"queue_size":0' in "".join(run_shell(served, SHELL["Access"][0]))


def test_error_has_the_shape_that_is_shown(served):
    (shown,) = BODIES["Errors"]
    lost = re.search(r"'([0-9a-f-]{36})'", shown).group(1)
    status, told = served.ask(f"/result/{lost}")
    assert (status, told) == (404, json.loads(shown))


def test_every_status_of_the_service_is_explained(served):
    explained = set(
        re.findall(r"\b\d{3}\b", re.search(r"\| status \| \|\n(.*?)\n\n", PAGE.read_text(), re.DOTALL).group(1))
    )
    paths = served.ask("/openapi.json")[1]["paths"]
    answered = {code for path in paths.values() for route in path.values() for code in route["responses"]}
    assert {code for code in answered if code >= "4"} <= explained | {"416"}


def test_every_route_that_is_named_exists_and_the_other_way_round(served):
    text = PAGE.read_text(encoding="utf-8")
    paths = served.ask("/openapi.json")[1]["paths"]
    known = {(method.upper(), nameless(path)) for path, routes in paths.items() for method in routes}
    named = {(method, nameless(path)) for method, path in re.findall(r"`(GET|POST|DELETE|PUT)\s(/[\w/{}-]*\w}?)", text)}
    assert named - known == set()
    said = {nameless(path) for path in re.findall(r"[\s`\d](/[\w/{}$.-]*\w}?)", text)}
    assert [path for _, path in known if path not in said and f"/{path.rpartition('/')[2]}" not in said] == []


def nameless(path):
    """Return a route as it is whatever its parameter is called."""
    return re.sub(r"\{\w+\}|\$\w+", "{}", path)


def test_table_names_every_setting_with_its_default():
    text = PAGE.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \(([\w.]+)\) \|", text, re.MULTILINE))
    defaults = dict(re.findall(r"^\| `(\w+)` \([^|]*\| ([^|]*?) ?\|", text, re.MULTILINE))
    meant = {key.path: key for key in KEYS.values() if key.section in {"api", "cache"}}
    assert sorted(rows.values()) == sorted(meant)
    assert {name: defaults[name] for name in rows} == {
        name: said(meant[path].default or None) if meant[path].default == () else said(meant[path].default)
        for name, path in rows.items()
    }
    assert [name for name, path in rows.items() if name not in meant[path].variables] == []


@pytest.mark.parametrize("engine", ["sandbox"], indirect=True)
def test_command_serves_until_it_is_stopped(tmp_path, engine):
    (commands,) = read_page(PAGE, "sh")["Start"]
    (command,) = [shlex.split(line, comments=True) for line in commands.splitlines() if "serve" in line]
    environment = environment_of(engine.url, tmp_path)
    served = ServedProcess(tmp_path, environment, [*command, "--port", "8000"])
    with served:
        assert served.ask("/generate/sync", {"prompt": "a fox", **SMALL})[1]["status"] == "completed"
        assert served.stop() == 0
    assert f"http://127.0.0.1:{served.port}" in served.log


def test_sandbox_of_the_page_needs_no_port():
    first = read_page(PAGE, "sh")["Start"][0].splitlines()[0]
    assert shlex.split(first, comments=True) == ["comfygen", "sandbox", "&"]
    assert subprocess.run(["bash", "-n", "-c", "".join(SHELL["Jobs"])], check=False).returncode == 0
