from pathlib import Path

import pytest


@pytest.fixture
def config_file(comfygen):
    """Write a configuration into the working folder; as a path in it, if one is given."""

    def write(text, name="config.yaml"):
        Path(name).write_text(text, encoding="utf-8")
        return Path(name)

    return write


def rows(said):
    """Return the words of each line, by the first of them."""
    return {words[0]: words[1:] for words in map(str.split, said.out.splitlines()) if words}


def test_each_value_is_shown_with_where_it_came_from(comfygen, config_file, monkeypatch):
    config_file("batch:\n  max_concurrent: 7\n")
    monkeypatch.setenv("COMFYGEN_LOGGING_LEVEL", "debug")
    said = comfygen("config", "show")
    assert (said.code, said.err) == (0, "")
    shown = rows(said)
    assert shown["batch.max_concurrent"] == ["7", "config.yaml:2"]
    assert shown["logging.level"] == ["DEBUG", "COMFYGEN_LOGGING_LEVEL"]
    assert shown["logging.file"] == ["null", "default"]
    assert shown["websocket.enable"] == ["true", "default"]
    assert said.out.endswith("The engine is http://127.0.0.1:8188\n")


def test_json_has_the_same(comfygen, config_file):
    file = config_file("comfyui: {host: gpu-1}")
    told = comfygen("config", "show", "--json").json
    assert told["file"] == str(file.absolute())
    assert told["engine"] == "http://gpu-1:8188"
    assert told["values"]["comfyui.host"] == {"value": "gpu-1", "source": "file", "from": "config.yaml:1"}
    assert told["values"]["output.output_dir"] == {"value": "outputs", "source": "default", "from": "default"}


@pytest.mark.parametrize("as_json", [(), ("--json",)])
def test_secrets_are_masked(comfygen, monkeypatch, as_json):
    monkeypatch.setenv("COMFYUI_API_BASE", "http://me:hunter2@gpu-1:8188")
    monkeypatch.setenv("MINIO_SECRET_KEY", "correct-horse")
    said = comfygen("config", "show", *as_json)
    assert said.code == 0
    assert "hunter2" not in said.out
    assert "correct-horse" not in said.out
    assert "***" in said.out
    assert "http://***@gpu-1:8188" in said.out


@pytest.mark.parametrize("as_json", [(), ("--json",)])
@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("COMFYUI_API_BASE", "http://me:hunter2/x@gpu-1:8188"),
        ("COMFYUI_API_BASE", "http//me:hunter2@gpu-1:8188"),
        ("WEBHOOK_URL", "me:hunter2@gpu-1"),
        ("WEBHOOK_URL", "http://me:hunt er hunter2@gpu-1"),
        ("COMFYGEN_FLEET_ENGINES", "gpu=me:hunter2@gpu-1:8188"),
        ("COMFYGEN_JOBS_DATABASE", "postgresql:/me:hunter2@gpu-1/x"),
    ],
)
def test_secrets_are_masked_in_addresses_that_are_none(comfygen, monkeypatch, variable, said, as_json):
    monkeypatch.setenv(variable, said)
    shown = comfygen("config", "show", *as_json)
    assert "hunter2" not in shown.out + shown.err
    assert "***@gpu-1" in shown.out + shown.err


def test_another_file_is_read_by_flag_or_variable(comfygen, config_file, monkeypatch):
    config_file("batch: {max_retries: 1}")
    config_file("batch: {max_retries: 2}", "two.yaml")
    config_file("batch: {max_retries: 3}", "three.yaml")
    assert rows(comfygen("config", "show"))["batch.max_retries"][0] == "1"
    monkeypatch.setenv("COMFYGEN_CONFIG", "two.yaml")
    assert rows(comfygen("config", "show"))["batch.max_retries"] == ["2", "two.yaml:1"]
    assert rows(comfygen("config", "show", "--config", "three.yaml"))["batch.max_retries"][0] == "3"


def test_everything_wrong_is_told_at_once(comfygen, config_file):
    config_file("comfyui:\n  hots: gpu-1\nbatch:\n  max_retries: [1]\n")
    said = comfygen("config", "show")
    assert (said.code, said.out) == (2, "")
    assert "config.yaml:2: there is no key 'comfyui.hots'; nearest: comfyui.host" in said.err
    assert "config.yaml:4: batch.max_retries is a list" in said.err


def test_json_tells_what_is_wrong(comfygen, config_file):
    config_file("a: &x [*x]")
    said = comfygen("config", "show", "--json")
    assert said.code == 2
    assert said.json["error"]["code"] == "config_file"
    assert "config.yaml:1: anchors and aliases" in said.json["error"]["message"]


def test_path_is_where_the_file_lies(comfygen, config_file):
    file = config_file("")
    said = comfygen("config", "path")
    assert (said.code, said.out) == (0, f"{file.absolute()}\n")
    assert comfygen("config", "path", "--json").json == {"file": str(file.absolute())}


def test_path_of_no_file_is_a_failure(comfygen):
    said = comfygen("config", "path")
    assert (said.code, said.out) == (1, "")
    assert "defaults" in said.err
    assert comfygen("config", "path", "--json").json == {"file": None}


def test_value_that_looks_like_markup_is_shown_as_it_is(comfygen, config_file):
    config_file("storage: {bucket: '[red]x[/]'}")
    assert rows(comfygen("config", "show"))["storage.bucket"][0] == "[red]x[/]"
