import os
import subprocess
import sys

import pytest

from comfy_gen.cli import completion
from comfy_gen.composition.categories.card import card_of
from comfy_gen.composition.categories.folder import SHIPPED
from comfy_gen.composition.categories.reading import read_category
from comfy_gen.composition.categories.registry import shipped
from tests.composition.builders import write


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A folder of one's own that the settings name."""
    folder = tmp_path / "own"
    folder.mkdir()
    monkeypatch.setenv("COMFYGEN_COMPOSITION_CATEGORIES_DIR", str(folder))
    return folder


def test_all_categories_are_listed(comfygen):
    said = comfygen("categories", "list")
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()[1:]] == [f"@{one.id}" for one in shipped().all]
    assert "subjects · " in said.err
    assert "your own" not in said.err


def test_list_is_narrowed_down(comfygen):
    found = comfygen("categories", "list", "--type", "style", "--tier", "general", "--search", "horror", "--json").json
    assert found["total"] == len(found["categories"])
    assert "horror" not in [one["id"] for one in found["categories"]]
    found = comfygen("categories", "list", "--search", "headshot", "--json").json
    assert [one["id"] for one in found["categories"]] == ["portrait"]
    assert found["categories"][0]["policy_tier"] == "general"


@pytest.mark.parametrize("columns", [40, 60, 100, 160])
def test_list_fits_the_terminal(comfygen, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    said = comfygen("categories", "list", "--type", "style").out
    assert max(map(len, said.splitlines())) <= columns
    assert "@flat-illustration" in said


def test_tier_above_general_is_told_in_the_list(comfygen):
    (line,) = comfygen("categories", "list", "--search", "horror eerie").out.splitlines()[1:]
    assert "(mature)" in line


def test_list_of_none_says_how_to_make_one(comfygen):
    said = comfygen("categories", "list", "--search", "no such words")
    assert (said.code, said.out) == (0, "")
    assert "comfygen categories new" in said.err


@pytest.mark.parametrize(("option", "value"), [("--type", "subjects"), ("--tier", "adult")])
def test_unknown_type_and_tier_are_refused(comfygen, option, value):
    said = comfygen("categories", "list", option, value)
    assert said.code == 2
    assert f"{option[2:]} is '{value}', but must be one of" in said.err


def test_one_is_shown_with_all_that_it_brings(comfygen):
    said, portrait = comfygen("categories", "show", "portrait").out, shipped().get("portrait")
    words = (*portrait.keywords.all, *portrait.positive.required, *portrait.negative.optional)
    assert [word for word in words if word not in said] == []
    assert "add-detail-xl.safetensors at 0.4, for sdxl" in said
    assert "definitions/subjects/portrait.yaml (ships)" in said.replace("\n", "")


def test_conditions_and_demands_are_shown(comfygen, own):
    more = """\
loras:
  required: [{filename: a.safetensors, triggers: [vulpes], when: {categories: [snow], without: [rain, fog]}}]
composition: {requires: [snow], conflicts_with: [rain], max_per_type: 1}
"""
    write(own, "arctic-fox", more)
    said = comfygen("categories", "show", "arctic-fox").out
    assert "a.safetensors at 1, with vulpes, beside snow, not beside rain or fog" in said
    assert "@snow" in said
    assert "1 at most" in said
    assert "(ships)" not in said


def test_json_is_the_card(comfygen):
    shown = comfygen("categories", "show", "fog", "--json").json["category"]
    assert shown.pop("source").endswith("modifiers/fog.yaml")
    assert shown == card_of(shipped().get("fog"))


def test_yaml_is_the_file_to_start_from(comfygen):
    said = comfygen("categories", "show", "fog", "--yaml").out
    assert said == (SHIPPED / "modifiers" / "fog.yaml").read_text(encoding="utf-8")
    assert read_category(said, "fog.yaml").id == "fog"


def test_unknown_one_names_the_nearest(comfygen):
    said = comfygen("categories", "show", "potrait")
    assert said.code == 2
    assert "portrait" in said.err
    assert comfygen("categories", "show", "potrait", "--json").json["error"]["code"] == "category_not_found"


def test_what_ships_is_right(comfygen):
    said = comfygen("categories", "validate")
    assert (said.code, said.out) == (0, f"{len(shipped())} categories are right.\n")


def test_every_problem_is_told_with_its_line(comfygen, own):
    fox = write(own, "fox", "icno: pets\ncomposition: {priority: 200}\n")
    dog = write(own, "dogs", "composition: {requires: [cats]}\n")
    for arguments in ((), (own,), (fox, dog)):
        said = comfygen("categories", "validate", *arguments)
        assert said.code == 1
        assert "There are 3 problems:" in said.out
        assert f"{fox}, line 6: there is no field icno; the nearest field is icon" in said.out
        assert f"{fox}, line 7: composition.priority is '200'" in said.out
        assert f"{dog}, line 6: composition.requires has 'cats'" in said.out
    one = comfygen("categories", "validate", dog, "--json")
    assert one.code == 1
    assert (one.json["valid"], one.json["categories"], len(one.json["problems"])) == (False, 1, 1)


def test_problems_are_told_once_by_validate_and_in_a_line_by_others(comfygen, own):
    write(own, "fox", "icno: pets\ncomposition: {priority: 200}\n")
    assert in_new_process("validate") == (1, "")
    for arguments in (("list",), ("show", "fog")):
        _, said = in_new_process(*arguments)
        assert said.splitlines()[0] == "2 problems in your categories: comfygen categories validate"
        assert "icno" not in said


def in_new_process(*arguments):
    """Return the exit code and what is written beside the answer, where nothing has set up a log."""
    program = "import sys; from comfy_gen.cli import main; sys.exit(main(sys.argv[1:]))"
    said = subprocess.run(
        [sys.executable, "-c", program, "categories", *arguments], capture_output=True, text=True, check=False
    )
    return said.returncode, said.stderr


def test_file_that_is_not_there_is_a_problem(comfygen):
    said = comfygen("categories", "validate", "gone.yaml")
    assert said.code == 1
    assert "There is 1 problem:" in said.out
    assert "gone.yaml: it cannot be read" in said.out


def test_new_category_is_right_and_there_at_once(comfygen, own):
    said = comfygen("categories", "new", "arctic-fox", "--type", "subject")
    assert (said.code, said.out) == (0, f"{own / 'arctic-fox.yaml'} is written.\n")
    assert comfygen("categories", "validate", own).out == "1 category is right.\n"
    assert "1 of your own" in comfygen("categories", "list").err
    assert os.listdir(own) == ["arctic-fox.yaml"]


def test_new_category_says_whose_place_it_takes(comfygen, tmp_path):
    said = comfygen("categories", "new", "fog", "--type", "modifier", "--folder", "some/where")
    assert "takes the place of the one that ships" in said.out
    made = comfygen("categories", "new", "mist", "--type", "modifier", "--folder", "some/where", "--json").json
    assert (tmp_path / made["file"]).is_file()


def test_new_category_overwrites_nothing(comfygen, own):
    (own / "animals").mkdir()
    path = write(own / "animals", "arctic-fox")
    before = path.read_bytes()
    said = comfygen("categories", "new", "arctic-fox", "--type", "subject")
    assert said.code == 2
    assert "there is such a file" in said.err
    assert path.read_bytes() == before
    assert os.listdir(own) == ["animals"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Arctic_Fox", "--type", "subject"), "ID is 'Arctic_Fox', but must be lower-case letters"),
        (("../fox", "--type", "subject"), "ID is '../fox'"),
        (("arctic-fox", "--type", "animal"), "type is 'animal', but must be one of subject, setting"),
    ],
)
def test_new_category_must_be_one(comfygen, own, arguments, said):
    answer = comfygen("categories", "new", *arguments)
    assert answer.code == 2
    assert said in answer.err
    assert os.listdir(own) == []


def test_new_category_needs_a_folder(comfygen, tmp_path):
    assert "composition.categories_dir" in comfygen("categories", "new", "arctic-fox", "--type", "subject").err
    (tmp_path / "file").write_text("", encoding="utf-8")
    said = comfygen("categories", "new", "arctic-fox", "--type", "subject", "--folder", "file/own")
    assert (said.code, "cannot write file/own" in said.err) == (2, True)


def test_tab_completes_ids_types_and_tiers(comfygen, own, monkeypatch):
    write(own, "golden-fox")
    assert [name for name, _ in completion.categories("golden-")] == ["golden-fox", "golden-hour"]
    assert completion.kinds("s") == ["subject", "setting", "style"]
    assert completion.tiers("m") == ["mature"]
    monkeypatch.setenv("COMFYGEN_POLICY_TIER", "nobody")
    assert completion.categories("golden-") == []


def test_help_reads_no_category():
    code = "import contextlib, io, sys\nfrom comfy_gen.cli import main\nwith contextlib.redirect_stdout(io.StringIO()):"
    code += " main(['categories', '--help'])\nprint(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "comfy_gen.cli.categories.commands" in modules
    assert not {"yaml", "comfy_gen.composition", "sqlalchemy", "symspellpy"} & set(modules)
