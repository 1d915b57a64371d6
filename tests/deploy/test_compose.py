"""The compose files, read by docker compose itself."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.deploy.conftest import DEPLOY
from tests.deploy.secrets_of import filled_in

PROFILES = ("--profile", "gpu", "--profile", "sandbox")


@pytest.fixture(scope="module")
def alone(compose, tmp_path_factory):
    """The service alone, with its secrets filled in."""
    folder = tmp_path_factory.mktemp("compose")
    file = shutil.copy(DEPLOY / "compose.yaml", folder)
    secrets = filled_in(DEPLOY / "comfygen.env.example")
    (folder / "comfygen.env").write_text("".join(f"{name}={value}\n" for name, value in secrets.items()))
    return json.loads(compose(file, "--profile", "sandbox", "config", "--format", "json"))


@pytest.fixture(scope="module")
def full(compose):
    """The whole stack, with its secrets filled in."""
    secrets = filled_in(DEPLOY / "compose.full.env.example")
    return json.loads(compose(DEPLOY / "compose.full.yaml", *PROFILES, "config", "--format", "json", **secrets))


def test_full_stack_has_its_parts(full):
    assert set(full["services"]) == {
        *("service", "worker", "bucket", "postgres", "redis", "minio"),
        *("comfyui", "sandbox"),
    }


def test_ports_are_published_on_this_machine_alone(alone, full):
    published = [port for stack in (alone, full) for one in stack["services"].values() for port in one.get("ports", [])]
    assert {port["host_ip"] for port in published} == {"127.0.0.1"}
    assert sorted(port["target"] for port in published) == [8000, 8000, 9000]


def test_nobody_outside_reaches_database_cache_or_engines(full):
    assert full["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis", "sandbox"):
        assert list(full["services"][name]["networks"]) == ["inside"]


def test_what_the_service_stands_on_is_healthy_before_it_starts(full):
    for name in ("service", "worker"):
        told = {other: one["condition"] for other, one in full["services"][name]["depends_on"].items()}
        assert told == {
            "postgres": "service_healthy",
            "redis": "service_healthy",
            "bucket": "service_completed_successfully",
        }
    for name in ("postgres", "redis", "minio"):
        assert full["services"][name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", ["service", "worker", "bucket", "sandbox"])
def test_our_containers_write_nowhere_and_may_do_nothing(full, name):
    one = full["services"][name]
    assert (one["read_only"], one["cap_drop"], one["security_opt"]) == (True, ["ALL"], ["no-new-privileges:true"])


def test_comfyui_has_one_gpu_of_its_own(full):
    (device,) = full["services"]["comfyui"]["deploy"]["resources"]["reservations"]["devices"]
    assert device["device_ids"] == ["0"]
    assert device["capabilities"] == ["gpu"]


def test_all_processes_have_the_same_secrets_and_database(full):
    assert full["services"]["service"]["environment"] == full["services"]["worker"]["environment"]


@pytest.mark.parametrize("missing", filled_in(DEPLOY / "compose.full.env.example"))
def test_nothing_starts_without_a_secret(compose, missing):
    secrets = filled_in(DEPLOY / "compose.full.env.example") | {missing: ""}
    with pytest.raises(AssertionError, match=missing):
        compose(DEPLOY / "compose.full.yaml", "config", "--quiet", **secrets)
