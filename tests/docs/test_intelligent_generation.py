"""The page on the documented Intelligent Generation API, done: its examples on a service in its own process."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
import typing
from pathlib import Path

import pytest
import requests

from comfy_gen.cli import main
from comfy_gen.composition.explanation import PHASES, Thing
from comfy_gen.composition.texts.variants import expand
from comfy_gen.composition.tier import Tier
from comfy_gen.config.keys import KEYS
from comfy_gen.sandbox import SandboxOptions
from comfy_gen.sandbox.options import DEFAULT_MODELS
from tests.background import BackgroundSandbox
from tests.docs.conftest import Engine
from tests.docs.intelligent_texts import DOCUMENTED, DOCUMENTED_TABLES, MENDED
from tests.docs.programs import read_page, run_shell
from tests.docs.test_http_api import nameless
from tests.docs.test_jobs import said
from tests.mlflow import mlflow_server
from tests.ports import free_port
from tests.served import ServedProcess, environment_of

__all__ = ["mlflow_server"]

PAGE = Path(__file__).parents[2] / "docs" / "intelligent-generation.md"
TEXT = PAGE.read_text(encoding="utf-8")
BASH, SHELL, JSON, PROGRAMS, PRINTED = (read_page(PAGE, name) for name in ("bash", "sh", "json", "python", "text"))
TABLES = re.findall(r"^(\| (?:Field|Parameter|Header) \|.*\n(?:\|.*\n)+)", TEXT, re.MULTILINE)
QUICK = {"width": 256, "height": 256, "steps": 2}
"""Added to what is asked for: the pictures are not what is tried."""
WIDTH = 100
"""Columns of the terminal on the page."""


@pytest.fixture(scope="module")
def engine():
    """An engine with the models that the page names."""
    models = {**DEFAULT_MODELS, "loras": ("add-detail-xl.safetensors",)}
    with BackgroundSandbox(SandboxOptions(models=models)) as sandbox:
        yield Engine(sandbox.url, "sd_xl_base_1.0.safetensors")


@pytest.fixture(scope="module")
def served(tmp_path_factory, engine):
    """A service that was started by the documented command."""
    folder = tmp_path_factory.mktemp("intelligent")
    command = BASH["Start"][0].replace("/path/to/comfy-gen", str(folder)).replace("uvicorn", "exec uvicorn")
    with ServedProcess(folder, environment_of(engine.url, folder), ["bash", "-c", command]) as served:
        yield served


@pytest.fixture(scope="module")
def generation(served):
    """A generation of the page's first text."""
    return made(served, "/compose", parsed("Compose"))


def parsed(heading, number=0):
    """Return a request or an answer of the page."""
    return json.loads(JSON[heading][number].replace("[...]", "[]").replace("{...}", "{}"))


def made(served, path, body):
    """Have a picture made, and return the id of its generation."""
    status, accepted = served.ask(path, {**body, **QUICK})
    assert status == 202, accepted
    with requests.get(f"{served.url}/generate/{accepted['generation_id']}/stream", stream=True, timeout=60) as stream:
        for _ in stream.iter_lines():
            pass
    result = served.ask(f"/generate/{accepted['generation_id']}")[1]
    assert result["status"] == "completed", result
    return accepted["generation_id"]


def send(served, method, path, body=None, **headers):
    """Return status and JSON of an answer to any method."""
    answer = requests.request(method, served.url + path, json=body, headers=headers, timeout=60)
    return answer.status_code, answer.json()


def is_shown(page, answer):
    """Tell whether what the page shows is what was answered, which may have more: fields, and entries of lists."""
    if isinstance(page, dict):
        return page.keys() <= answer.keys() and all(is_shown(value, answer[name]) for name, value in page.items())
    if isinstance(page, list):
        rest = iter(answer)
        return all(any(is_shown(one, other) for other in rest) for one in page)
    return page == answer


def digest(text, mended):
    for ours, documented in mended.items():
        assert text.count(ours) == 1, ours
        text = text.replace(ours, documented)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def test_examples_are_the_documented_ones_but_for_what_is_marked():
    headings = {name.rpartition(" ")[0] for name in DOCUMENTED}
    texts = {f"{heading} {number}": text for heading in headings for number, text in enumerate(examples(heading))}
    assert {name: digest(text, MENDED.get(name, {})) for name, text in texts.items()} == DOCUMENTED
    assert [digest(table, {}) for table in TABLES] == DOCUMENTED_TABLES
    for heading in MENDED.keys() - {"Health 0"}:
        section = re.search(rf"^## {heading[:-2]}\n(.*?)^## ", TEXT, re.MULTILINE | re.DOTALL)[1]
        assert "\nChanged: " in section, heading


def examples(heading):
    """Return what is below a heading, without what is our own."""
    return [*JSON.get(heading, []), *PROGRAMS.get(heading, []), *(BASH[heading] if heading == "Start" else [])]


def test_recipe_is_the_one_that_is_shown(served):
    status, answer = served.ask("/compose", {**parsed("Compose"), "dry_run": True})
    page = parsed("Compose", 1)
    assert (status, answer["dry_run"]) == (200, True)
    assert is_shown(page, answer)
    assert {name: answer["recipe"][name] for name in page["recipe"]} == page["recipe"]
    assert answer["categories_used"] == page["categories_used"]
    assert [answer[name] for name in ("generation_id", "status", "links")] == [None] * 3


def test_request_as_it_stands_starts_the_picture_of_its_recipe(served):
    status, answer = served.ask("/compose", parsed("Compose"))
    assert (status, answer["status"]) == (202, "queued")
    assert is_shown(parsed("Compose", 1), answer)
    assert served.ask(f"/generate/{answer['generation_id']}")[0] == 200
    assert send(served, "POST", f"/jobs/{answer['generation_id']}/cancel")[0] == 200


def test_table_has_the_defaults_and_bounds_of_the_body(served):
    rows = re.findall(r"^\| `(\w+)` \| \w+ \| (\S+) \|", TABLES[0], re.MULTILINE)
    body = served.ask("/openapi.json")[1]["components"]["schemas"]["ComposeBody"]
    fields = body["properties"]
    assert [name for name, default in rows if default == "required"] == body["required"] == ["input"]
    defaults = {name: fields[name].get("default") for name, default in rows if default != "required"}
    assert defaults == {"dry_run": False, "max_categories": 3, "min_confidence": 0.3, "policy_tier": None}
    assert {name: json.loads(default) for name, default in rows if name in defaults} == defaults | {
        "policy_tier": KEYS["policy.tier"].default
    }
    assert [fields["max_categories"][side] for side in ("minimum", "maximum")] == [1, 10]
    assert [fields["min_confidence"][side] for side in ("minimum", "maximum")] == [0, 1]


@pytest.mark.parametrize(
    ("table", "path"), [(TABLES[2], "/categories"), (TABLES[3], "/favorites")], ids=["categories", "favorites"]
)
def test_table_has_the_defaults_of_the_parameters(served, table, path):
    rows = re.findall(r"^\| `(\w+)` \| \w+ \| (\S+) \|", table, re.MULTILINE)
    known = {one["name"]: one for one in served.ask("/openapi.json")[1]["paths"][path]["get"]["parameters"]}
    for name, default in rows:
        meant = (
            None if name == "policy_tier" else json.loads(default) or None
        )  # where nothing says which, it is `general`
        assert (known[name]["schema"].get("default") or None) == meant, name


def test_what_a_text_may_say_besides_is_known(served):
    (listed,) = re.findall(r"that wins over what categories say:(.*?)\n\n", TEXT, re.DOTALL)
    schemas = served.ask("/openapi.json")[1]["components"]["schemas"]
    fields = set(schemas["ComposeBody"]["properties"])
    assert set(re.findall(r"`(\w+)`", listed)) == fields - {name for name, _ in rows_of(TABLES[0])}


def rows_of(table):
    return re.findall(r"^\| `([\w-]+)` \| ([^|]*) \|", table, re.MULTILINE)


def test_preview_is_the_one_that_is_shown(served):
    status, answer = served.ask("/compose/preview", parsed("Preview"))
    page = parsed("Preview", 1)
    shown = page["categories_inferred"][0].keys()  # chips know more
    told = [{name: one[name] for name in shown} for one in answer["categories_inferred"]]
    assert (status, {name: answer[name] for name in page} | {"categories_inferred": told}) == (200, page)
    assert [name for name in answer.keys() - page.keys() if f"`{name}`" not in TEXT] == []


def test_errors_have_the_documented_statuses(served):
    for status, code, body in (
        (400, "no_category", {"input": "zzz qqq"}),
        (403, "policy_tier", {"input": "@horror an old house"}),
        (422, "invalid_request", {"input": "@portrait", "max_categories": 11}),
        (422, "unknown_tag", {"input": "@portrat"}),
    ):
        got, answer = served.ask("/compose", {**body, "dry_run": True})
        assert (got, answer["error"]["code"]) == (status, code)
    assert answer["error"]["details"]["tags"]["portrat"][0] == "portrait"
    for path in ("/categories/none", "/favorites/fav_none", "/recipes/sha256:00", "/library/none"):
        assert served.ask(path)[0] == 404, path
    assert served.ask("/favorites", {"generation_id": "none", "rating": 5})[0] == 404
    assert send(served, "DELETE", "/favorites/fav_none")[0] == 404


def test_tiers_are_refused_and_allowed_as_the_page_says(served):
    assert run_shell(served, BASH["Tiers"][0]) == [
        "@horror needs the tier mature, and this request is general",
        "mature",
    ]
    section = re.search(r"^## Tiers\n(.*?)^A request's tier", TEXT, re.MULTILINE | re.DOTALL)[1]
    assert [name for name, _ in rows_of(section)] == [*Tier]
    (header,) = rows_of(TABLES[1])
    assert header == ("X-Policy-Tier", ", ".join(Tier))
    for path in ("/generate", "/compose"):
        body = {"prompt" if path == "/generate" else "input": "a nude in a studio"}
        assert send(served, "POST", path, body)[0] == 403


def test_variants_are_chosen_by_the_seed(served):
    (line,) = run_shell(served, BASH["Variants and wildcards"][0])
    seed, chosen = json.loads(line)
    assert (seed, chosen in {"red", "green", "blue"}) == (7, True)
    assert run_shell(served, BASH["Variants and wildcards"][0]) == [line]


def test_every_form_of_variants_is_read():
    lines = {"colours/warm": ("amber", "rust")}
    table = re.search(r"^## Variants.*?\n((?:\|.*\n)+)", TEXT, re.MULTILINE | re.DOTALL)[1]
    forms = [form for row in table.splitlines()[2:] for form in re.findall(r"`(.*?)`", row.split(" | ")[0])]
    results = {form: {expand(form.replace(r"\|", "|"), seed, lines).text for seed in range(40)} for form in forms[:5]}
    one, weighted, two, joined, wildcard = results.values()
    assert one == weighted == {"red", "blue"}
    assert {tuple(sorted(text.split(", "))) for text in two} == {("blue", "red"), ("green", "red"), ("blue", "green")}
    assert joined == {"red", "blue", "red and blue", "blue and red"}
    assert wildcard == {"amber", "rust"}
    assert expand(r"\{a\|b\} \_\_c\_\_ {d|d}", 0, lines).text == "{a|b} __c__ d"


def test_recipes_are_found_and_changed(served):
    assert run_shell(served, BASH["Recipes"][0]) == ["sdxl", "queued"]
    body = {"input": "@portrait red scarf", "seed": 7, "dry_run": True}
    first, again = (served.ask("/compose", body)[1]["recipe_id"] for _ in range(2))
    assert first == again
    assert served.ask(f"/recipes/{first.removeprefix('sha256:')[:12]}")[1]["recipe_id"] == first
    job = made(served, "/generate", {"recipe_id": first})
    (same,) = served.ask(f"/library?text=scarf&recipe={served.ask(f'/library/{job}')[1]['recipe_id']}")[1][
        "generations"
    ]
    assert (same["seed"], same["recipe"]["steps"]) == (7, QUICK["steps"])


def test_explanations_have_the_phases_and_kinds_that_are_listed():
    section = re.search(r"^## Explanations\n(.*?)^## ", TEXT, re.MULTILINE | re.DOTALL)[1]
    listed = re.findall(r"`(\w+)`", section)
    assert [word for word in listed if word in PHASES][: len(PHASES)] == [*PHASES]
    assert set(typing.get_args(Thing)) <= set(listed)


def test_categories_are_the_ones_that_are_shown(served):
    (query,) = re.findall(r"`GET (/categories\?\S+)`", TEXT)
    page, (status, answer) = parsed("Categories"), served.ask(query)
    assert status == 200
    assert is_shown(page, answer)
    assert answer["total"] == page["total"] == len(answer["categories"])
    assert is_shown(parsed("Categories", 1), served.ask("/categories/portrait")[1])
    kinds = {one["type"] for one in served.ask("/categories")[1]["categories"]}
    assert all(f'"{kind}"' in TABLES[2] for kind in kinds)
    assert {one["type"] for one in served.ask("/categories?type=style")[1]["categories"]} == {"style"}


def test_favorites_are_kept_listed_rated_adapted_and_removed(served, generation):
    body = {**parsed("Favorites"), "generation_id": generation}
    status, favorite = served.ask("/favorites", body)
    page = parsed("Favorites", 1)
    assert (status, page.keys() <= favorite.keys()) == (201, True)
    assert {name: favorite[name] for name in ("rating", "feedback", "generation_id")} == {
        name: body[name] for name in ("rating", "feedback", "generation_id")
    }
    assert is_shown(page["categories"], favorite["categories"])
    assert re.fullmatch(r"fav_\w+", favorite["id"])
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", favorite["recipe_hash"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", favorite["created_at"])
    assert requests.get(favorite["image_url"], timeout=30).content.startswith(b"\x89PNG")
    assert served.ask("/favorites", body)[0] == 200
    page, (status, listed) = parsed("Favorites", 2), served.ask("/favorites?categories=car,portrait&min_rating=5")
    assert (status, listed.keys()) == (200, page.keys())
    assert (listed["total"], listed["limit"], listed["offset"]) == (1, page["limit"], page["offset"])
    path = f"/favorites/{favorite['id']}"
    page, (status, extracted) = parsed("Favorites", 5), served.ask(f"{path}/extract-recipe", parsed("Favorites", 4))
    assert (status, page.keys() <= extracted.keys()) == (200, True)
    assert extracted["source_favorite"] == favorite["id"]
    assert page["adaptations"][0] in extracted["adaptations"]
    assert "car" in extracted["recipe"]["categories"]
    assert served.ask(f"/recipes/{extracted['recipe_id']}")[0] == 200
    status, rated = send(served, "PUT", f"{path}/rating", parsed("Favorites", 6))
    assert (status, {name: rated[name] for name in ("rating", "feedback")}) == (200, parsed("Favorites", 6))
    assert served.ask(path)[1] | {"image_url": ""} == rated | {"image_url": ""}
    assert send(served, "DELETE", path) == (200, {**parsed("Favorites", 3), "id": favorite["id"]})
    assert served.ask("/favorites")[1]["total"] == 0


def test_generations_are_started_and_followed(served):
    status, accepted = served.ask("/generate", parsed("Generate"))
    page = parsed("Generate", 1)
    assert (status, accepted["status"], page.keys() <= accepted.keys()) == (202, page["status"], True)
    assert send(served, "POST", f"/jobs/{accepted['generation_id']}/cancel")[0] == 200
    job = made(served, "/generate", parsed("Generate"))
    page, (status, result) = parsed("Generate", 2), served.ask(f"/generate/{job}")
    assert (status, page.keys() <= result.keys()) == (200, True)
    assert [result[name] for name in ("generation_id", "status", "progress")] == [job, "completed", page["progress"]]
    assert requests.get(result["output_url"], timeout=30).content.startswith(b"\x89PNG")


def test_health_has_every_documented_field(served):
    page, (status, health) = parsed("Health"), served.ask("/health")
    assert (status, page.keys() <= health.keys()) == (200, True)
    assert {**page, "mlflow_available": False} == {name: health[name] for name in page}


def test_mlflow_is_told_and_its_ids_are_known(tmp_path, engine, mlflow_server):
    environment = environment_of(engine.url, tmp_path, MLFLOW_TRACKING_URI=mlflow_server.url)
    with ServedProcess(tmp_path, environment) as served:
        job = made(served, "/compose", parsed("Compose"))
        assert is_shown(parsed("Health"), served.ask("/health")[1])
        status, favorite = served.ask("/favorites", {**parsed("Favorites"), "generation_id": job})
        assert status == 201
        run = served.ask(f"/library/{job}")[1]["run_id"]
        status, same = served.ask("/favorites", {**parsed("Favorites"), "generation_id": run})
        assert (status, same["id"], same["generation_id"]) == (200, favorite["id"], job)


def test_favorite_is_kept_while_mlflow_is_away(tmp_path, engine):
    environment = environment_of(engine.url, tmp_path, MLFLOW_TRACKING_URI=f"http://127.0.0.1:{free_port()}")
    with ServedProcess(tmp_path, environment) as served:
        job = made(served, "/compose", parsed("Compose"))
        status, answer = served.ask("/favorites", {**parsed("Favorites"), "generation_id": job})
        assert (status, answer["error"]["code"]) == (503, "tracking_unavailable")
        (kept,) = served.ask("/favorites")[1]["favorites"]
        assert (kept["generation_id"], kept["rating"]) == (job, parsed("Favorites")["rating"])


def test_command_prints_what_is_shown(tmp_path, engine, monkeypatch, capsys):
    (command,) = SHELL["Command line"]
    environment = environment_of(engine.url, tmp_path, COLUMNS=str(WIDTH))
    for name in ("COMFYUI_API_BASE", "COMFYGEN_JOBS_DATA_DIR", "COLUMNS"):
        monkeypatch.setenv(name, environment[name])
    assert main(shlex.split(command)[1:]) == 0
    assert plain(capsys.readouterr().out) == plain(PRINTED["Command line"][0])


def plain(text):
    """Return lines without the blanks at their ends, and without hashes: these change with a word of a category."""
    return [re.sub(r"(?<=sha256:)[0-9a-f]+", "…", line.rstrip()) for line in text.strip().splitlines()]


def test_every_route_that_is_named_exists(served):
    paths = served.ask("/openapi.json")[1]["paths"]
    known = {(method.upper(), nameless(path)) for path, routes in paths.items() for method in routes}
    named = re.findall(r"`(GET|POST|DELETE|PUT)\s(/[\w/{}-]*\w}?)", TEXT)
    assert {(method, nameless(path)) for method, path in named} - known == set()
    assert len(named) > 15


def test_table_names_every_setting_with_its_default():
    rows = dict(re.findall(r"^\| `(\w+)` \(([\w.]+)\) \|", TEXT, re.MULTILINE))
    defaults = dict(re.findall(r"^\| `(\w+)` \([^|]*\| ([^|]*?) ?\|", TEXT, re.MULTILINE))
    meant = {key.path: key for key in KEYS.values() if key.section in {"composition", "policy", "tracking"}}
    assert sorted(rows.values()) == sorted(meant)
    assert {name: defaults[name] for name in rows} == {
        name: said(meant[path].default or None) for name, path in rows.items()
    }
    assert [name for name, path in rows.items() if name not in meant[path].variables] == []
