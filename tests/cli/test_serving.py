from __future__ import annotations

import os
import resource
import signal
from pathlib import Path

import pytest

from comfy_gen.app import open_queue
from comfy_gen.cli import serving
from comfy_gen.config import ApiOptions, DialectOptions, JobOptions, Settings
from comfy_gen.config.settings import TrackingOptions
from comfy_gen.errors import InvalidParameterError, PublicBindError
from comfy_gen.jobs.keys import KeyStore


@pytest.mark.parametrize(
    ("api", "has_keys"),
    [
        (ApiOptions(), False),
        (ApiOptions(host="::1"), False),
        (ApiOptions(host="localhost"), False),
        (ApiOptions(host="127.3.2.1", access="keys"), False),
        (ApiOptions(host="0.0.0.0"), True),
        (ApiOptions(host="0.0.0.0", access="open"), False),
        (ApiOptions(host="no such name"), False),  # that is told when it listens
    ],
)
def test_service_that_is_no_surprise_is_served(api, has_keys):
    serving.check_access(api, has_keys=has_keys)


def test_service_may_have_as_many_connections_as_the_system_lets_it():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
    try:
        serving.have_room_for_connections()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "::ffff:192.0.2.1"])
@pytest.mark.parametrize("access", ["auto", "keys"])
def test_public_service_without_a_key_is_refused(host, access):
    with pytest.raises(PublicBindError):
        serving.check_access(ApiOptions(host=host, access=access), has_keys=False)


@pytest.mark.parametrize(
    ("access", "has_keys", "said"),
    [
        ("open", False, "everybody who reaches it"),
        ("auto", True, "who has a key"),
        ("keys", True, "who has a key"),
        ("keys", False, "nobody yet: no key was made"),
        ("auto", False, "this machine alone, until a key is made"),
    ],
)
def test_access_is_told(access, has_keys, said):
    assert serving.access_of(ApiOptions(access=access), has_keys=has_keys) == said


async def test_what_is_served_is_told(tmp_path):
    jobs = JobOptions(data_dir=tmp_path)
    said = await serving.check(Settings(jobs=jobs))
    assert said[0].startswith("ComfyGen serves at http://127.0.0.1:8000")
    assert said[2:] == ("engines: 127.0.0.1:8188", "access: this machine alone, until a key is made")
    said = await serving.check(Settings(jobs=jobs, api=ApiOptions(with_worker=False)))
    assert said[2] == "engines: those of comfygen worker"
    said = await serving.check(Settings(jobs=jobs, dialects=DialectOptions(comfyui_port=8188)))
    assert said[-1] == "as a ComfyUI: http://127.0.0.1:8188"


async def test_what_is_no_mlflow_server_is_told_before_anything_is_served(tmp_path):
    settings = Settings(jobs=JobOptions(data_dir=tmp_path), tracking=TrackingOptions("sqlite:///mlflow.db"))
    with pytest.raises(InvalidParameterError, match="MLFLOW_TRACKING_URI"):
        await serving.check(settings)


async def test_key_of_the_database_opens_the_public_address(tmp_path):
    settings = Settings(jobs=JobOptions(data_dir=tmp_path), api=ApiOptions(host="0.0.0.0"))
    with pytest.raises(PublicBindError):
        await serving.check(settings)
    async with open_queue(settings) as queue:
        await KeyStore(queue.store.transactions).create("mine", now=1.0)
    assert (await serving.check(settings))[3] == "access: who has a key"


async def test_key_of_the_settings_does_too(tmp_path):
    api = ApiOptions(host="0.0.0.0", key="k" * 32)
    said = await serving.check(Settings(jobs=JobOptions(data_dir=tmp_path), api=api))
    assert "k" * 32 not in "".join(said)


def test_flags_travel_by_the_environment(monkeypatch):
    for name in ("COMFYGEN_API_PORT", "COMFYGEN_API_WITH_WORKER"):
        monkeypatch.setenv(name, "before")
    monkeypatch.delenv("COMFYGEN_API_HOST", raising=False)
    serving.hand_over({"api.port": 9000, "api.with_worker": False, "api.host": None})
    assert os.environ["COMFYGEN_API_PORT"] == "9000"
    assert os.environ["COMFYGEN_API_WITH_WORKER"] == "false"
    assert "COMFYGEN_API_HOST" not in os.environ


@pytest.mark.parametrize(("said", "level"), [("info", "INFO"), ("trace", "DEBUG")])
def test_log_follows_the_server(said, level):
    assert serving.level_of(said) == level


def test_several_processes_share_their_counts(monkeypatch):
    monkeypatch.setenv(serving.SHARED_METRICS, "")
    with serving.sharing_metrics(ApiOptions(workers=2)):
        folder = Path(os.environ[serving.SHARED_METRICS])
        assert folder.is_dir()
    assert not folder.exists()


@pytest.mark.parametrize("api", [ApiOptions(), ApiOptions(workers=2, reload=True)])
def test_one_process_shares_nothing(monkeypatch, api):
    monkeypatch.delenv(serving.SHARED_METRICS, raising=False)
    with serving.sharing_metrics(api):
        assert serving.SHARED_METRICS not in os.environ


def test_signal_that_the_server_raises_anew_ends_nothing():
    before = signal.getsignal(signal.SIGTERM)
    with serving.stopping_in_order():
        signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is before
