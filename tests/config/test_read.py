from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from comfy_gen.config import DEFAULT_ENGINE, Settings, find_file, read_configuration, read_settings
from comfy_gen.errors import ConfigFileError


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_nothing_set_gives_the_defaults():
    settings = read_settings({})
    assert settings == Settings()
    assert settings.engine_url == DEFAULT_ENGINE == "http://127.0.0.1:8188"
    assert settings.bucket.name == "comfy-gen"


def test_empty_variable_counts_as_not_set():
    assert read_settings({"COMFYUI_API_BASE": "", "COMFYGEN_CONFIG": ""}).engine_url == DEFAULT_ENGINE


def test_engine_is_read():
    assert read_settings({"COMFYUI_API_BASE": "http://gpu-1:8188"}).engine_url == "http://gpu-1:8188"


def test_environment_of_the_process_is_read_when_none_is_given(monkeypatch):
    monkeypatch.setenv("COMFYUI_API_BASE", "http://gpu-1:8188")
    assert read_settings().engine_url == "http://gpu-1:8188"


@pytest.mark.parametrize(
    "environ",
    [
        {
            "S3_ENDPOINT_URL": "http://store:9000",
            "S3_ACCESS_KEY_ID": "key",
            "S3_SECRET_ACCESS_KEY": "secret",
            "S3_BUCKET_NAME": "pictures",
        },
        {
            "MINIO_ENDPOINT": "store:9000",
            "MINIO_ACCESS_KEY": "key",
            "MINIO_SECRET_KEY": "secret",
            "MINIO_BUCKET": "pictures",
        },
    ],
)
def test_bucket_is_read_by_either_name(environ):
    bucket = read_settings(environ).bucket
    assert (bucket.endpoint_url, bucket.access_key, bucket.secret_key) == ("http://store:9000", "key", "secret")
    assert bucket.name == "pictures"


def test_secret_is_not_shown():
    assert "hunter2" not in repr(read_configuration({"S3_SECRET_ACCESS_KEY": "hunter2"}))


def test_file_of_the_working_folder_is_read(config_file, documented):
    config_file(documented.replace("8188", "8199"))
    configuration = read_configuration({})
    assert configuration.settings.engine_url == "http://127.0.0.1:8199"
    assert configuration.file == Path("config.yaml")
    assert str(configuration.values["comfyui.port"].origin) == "config.yaml:4"


def test_named_file_is_read_in_its_place(config_file, tmp_path):
    config_file("batch: {max_retries: 1}")
    (tmp_path / "two.yaml").write_text("batch: {max_retries: 2}", encoding="utf-8")
    (tmp_path / "three.yaml").write_text("batch: {max_retries: 3}", encoding="utf-8")
    environ = {"COMFYGEN_CONFIG": "two.yaml"}
    assert read_settings(environ).batch.max_retries == 2
    assert read_settings(environ, file="three.yaml").batch.max_retries == 3


def test_flags_override_all(config_file):
    config_file("batch: {max_retries: 1}")
    flags = {"batch.max_retries": 3, "batch.max_concurrent": None}
    assert read_settings({"COMFYGEN_BATCH_MAX_RETRIES": "2"}, flags=flags).batch.max_retries == 3


def test_null_device_is_an_empty_file(config_file):
    config_file("another: program")
    assert read_settings({"COMFYGEN_CONFIG": "/dev/null"}) == Settings()


def test_folder_of_that_name_is_not_meant(tmp_path):
    (tmp_path / "config.yaml").mkdir()
    assert find_file({}) is None


@pytest.mark.parametrize(("name", "why"), [("gone.yaml", "No such file or directory"), (".", "Is a directory")])
def test_named_file_must_be_there(name, why):
    with pytest.raises(ConfigFileError) as caught:
        read_settings({}, file=name)
    assert caught.value.problems == [f"{name}: it cannot be read: {why}"]


def test_endless_file_is_not_read_to_its_end():
    with pytest.raises(ConfigFileError, match="larger than 1,000,000 bytes"):
        read_settings({}, file="/dev/zero")


def test_everything_that_is_wrong_is_told_at_once(config_file):
    config_file("comfyui:\n  hots: gpu-1\nlogging: {level: LOUD}\n")
    with pytest.raises(ConfigFileError) as caught:
        read_settings({"COMFYGEN_BATCH_MAX_RETRIES": "x"}, flags={"batch.max_concurrent": 0})
    problems = caught.value.problems
    assert [problem.split()[0] for problem in problems] == [
        "config.yaml:2:",
        "config.yaml:3:",
        "COMFYGEN_BATCH_MAX_RETRIES:",
        "flag:",
    ]
    assert caught.value.file == "config.yaml"
    assert "nearest: comfyui.host" in str(caught.value)


def test_file_is_not_blamed_for_the_environment(config_file):
    config_file("")
    with pytest.raises(ConfigFileError) as caught:
        read_settings({"COMFYGEN_BATCH_MAX_RETRIES": "x"})
    assert caught.value.file == ""
    assert caught.value.hint == "set it to what it must be, or unset it."


def test_many_problems_are_counted(config_file):
    config_file("comfyui:\n" + "".join(f"  key{number}: 1\n" for number in range(30)))
    with pytest.raises(ConfigFileError, match="30 things in the configuration cannot work") as caught:
        read_settings({})
    assert str(caught.value).endswith("  - and 10 more")


def test_one_problem_is_one_line():
    with pytest.raises(ConfigFileError) as caught:
        read_settings({}, file="gone.yaml")
    message = "the configuration cannot work: gone.yaml: it cannot be read: No such file or directory"
    assert str(caught.value) == message
    assert caught.value.hint.startswith("correct gone.yaml; ")


def test_file_that_may_not_be_read_is_told(config_file, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    config_file("batch: {}")
    for name in ("open", "read_text", "read_bytes"):  # root may read everything
        monkeypatch.setattr(Path, name, refuse)
    with pytest.raises(ConfigFileError, match="Permission denied"):
        read_settings({})


def test_yaml_is_loaded_only_for_a_file():
    code = "import sys; from comfy_gen.config import read_settings; read_settings({}); print('yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("said", ["[LoadImage*, Save*]", "LoadImage*, Save*", "\n    - LoadImage*\n    - Save*"])
def test_list_is_read_however_it_is_written(config_file, said):
    config_file(f"api:\n  denied_nodes: {said}\n")
    assert read_settings({}).api.denied_nodes == ("LoadImage*", "Save*")


def test_list_where_one_value_belongs_is_told(config_file):
    config_file("api:\n  port: [8000, 8001]\n  denied_nodes: [[a]]\n")
    with pytest.raises(ConfigFileError) as caught:
        read_settings({})
    assert "api.port is a list, but must be" in caught.value.message
    assert "api.denied_nodes is a list of lists or mappings, but must be a list of words" in caught.value.message
