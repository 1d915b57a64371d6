"""Opens the store of what jobs made: a folder, or a bucket where the settings name one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comfy_gen.storage.local import LocalStore

if TYPE_CHECKING:
    from pathlib import Path

    from comfy_gen.config import Settings
    from comfy_gen.storage.store import ArtifactStore


async def open_artifacts(settings: Settings) -> ArtifactStore:
    """Return the store that the worker, the command line and the service share.

    Raises:
        StorageError: the folder cannot be made, or the bucket not be reached.
        MissingExtraError: outputs are kept in a bucket, and ``boto3`` is not installed.
    """
    if settings.keeps_in_bucket:
        from comfy_gen.storage.bucket_store import BucketStore  # noqa: PLC0415  # few need it

        return await BucketStore.open(settings.bucket)
    return await LocalStore.open(artifacts_folder(settings))


def artifacts_folder(settings: Settings) -> Path:
    """Return the folder of what jobs made, where it is no bucket that keeps them."""
    return settings.jobs.data_dir / "artifacts"
