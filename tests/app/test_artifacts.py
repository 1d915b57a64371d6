from dataclasses import replace

from comfy_gen.app.artifacts import open_artifacts
from comfy_gen.config import Settings
from comfy_gen.storage.bucket_store import BucketStore
from comfy_gen.storage.local import LocalStore


def settings_of(tmp_path, **jobs):
    usual = Settings()
    return replace(usual, jobs=replace(usual.jobs, data_dir=tmp_path, **jobs))


async def test_files_are_kept_in_the_data_folder(tmp_path):
    store = await open_artifacts(settings_of(tmp_path))
    assert isinstance(store, LocalStore)
    assert store.path("x.png") == tmp_path / "artifacts" / "x.png"


async def test_files_are_kept_in_the_bucket_that_has_a_login(tmp_path, rclone_bucket):
    store = await open_artifacts(replace(settings_of(tmp_path), bucket=rclone_bucket))
    assert isinstance(store, BucketStore)
    assert not await store.exists("x.png")  # it is there, and has nothing yet
    assert list(tmp_path.iterdir()) == []


async def test_files_are_kept_in_the_folder_where_that_is_said(tmp_path, rclone_bucket):
    store = await open_artifacts(replace(settings_of(tmp_path, artifacts="local"), bucket=rclone_bucket))
    assert isinstance(store, LocalStore)
