from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from comfy_gen.app.secret import NAME, _make, secret_of
from comfy_gen.config import Settings
from comfy_gen.errors import OutputPathError


@pytest.fixture
def settings(tmp_path):
    usual = Settings()
    return replace(usual, jobs=replace(usual.jobs, data_dir=tmp_path / "data"))


def test_secret_that_is_set_is_taken_and_nothing_is_written(settings):
    assert secret_of(replace(settings, api=replace(settings.api, secret_key="set"))) == "set"
    assert not settings.jobs.data_dir.exists()


def test_secret_is_made_once_for_the_owner_alone(settings):
    secret = secret_of(settings)
    assert len(secret) >= 43
    assert secret_of(settings) == secret
    (path,) = settings.jobs.data_dir.iterdir()
    assert path.name == NAME
    assert path.stat().st_mode & 0o777 == 0o600


def test_each_installation_has_another(settings, tmp_path):
    other = replace(settings, jobs=replace(settings.jobs, data_dir=tmp_path / "other"))
    assert secret_of(settings) != secret_of(other)


def test_all_that_start_together_have_the_same(settings):
    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(lambda _: secret_of(settings), range(32)))) == 1


def test_one_that_was_made_meanwhile_stays(settings):
    secret = secret_of(settings)
    _make(settings.jobs.data_dir / NAME)
    assert secret_of(settings) == secret
    assert len(list(settings.jobs.data_dir.iterdir())) == 1


def test_file_without_a_secret_is_told(settings):
    settings.jobs.data_dir.mkdir()
    (settings.jobs.data_dir / NAME).write_text("\n")
    with pytest.raises(OutputPathError, match="no secret"):
        secret_of(settings)


def test_folder_that_cannot_be_made_is_told(settings):
    settings.jobs.data_dir.write_text("a file")
    with pytest.raises(OutputPathError):
        secret_of(settings)
