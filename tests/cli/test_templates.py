import pytest

from comfy_gen.workflows.catalogue import load_template, template_names


def test_all_templates_are_listed(comfygen):
    said = comfygen("templates")
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()[1:]] == list(template_names())


def test_table_fits_a_narrow_terminal(comfygen, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    assert max(len(line) for line in comfygen("templates").out.splitlines()) <= 60


@pytest.mark.parametrize("name", template_names())
def test_one_template_tells_parameters_and_models(comfygen, name):
    said, template = comfygen("templates", name), load_template(name)
    assert all(parameter.name in said.out for parameter in template.parameters)
    assert all(need.file in said.out and need.page in said.out for need in template.models)


def test_json_has_the_cards(comfygen):
    assert [card["name"] for card in comfygen("templates", "--json").json] == list(template_names())
    assert comfygen("templates", "sdxl", "--json").json == load_template("sdxl").as_card()


def test_unknown_template_names_the_nearest(comfygen):
    said = comfygen("templates", "sdlx")
    assert said.code == 2
    assert "sdxl" in said.err
