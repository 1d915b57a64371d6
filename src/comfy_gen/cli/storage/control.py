"""Does what the commands for buckets were asked for, and lists files."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rich.console import Console

from comfy_gen.app.artifacts import artifacts_folder
from comfy_gen.cli.failures import print_json
from comfy_gen.cli.storage.table import Linked, access_json, access_lines, file_table, listing_json, total
from comfy_gen.config import read_settings
from comfy_gen.errors import StorageError
from comfy_gen.storage.bucket_rules import BucketRules
from comfy_gen.storage.folder_files import folder_files
from comfy_gen.storage.policies import allowed_to_all, allows_reading
from comfy_gen.storage.stored_file import listing_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from comfy_gen.config import Settings
    from comfy_gen.storage.s3 import BucketOptions
    from comfy_gen.storage.stored_file import StoredFile

STDERR = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files a person wants to see."""

    prefix: str
    limit: int
    place: str | None
    """``bucket`` or ``folder``; None for where outputs are kept."""
    bucket: str | None
    is_picture: bool = False

    def fits(self, file: StoredFile) -> bool:
        """Tell whether a file is one of them."""
        return file.is_picture or not self.is_picture


def create_bucket(name: str | None, *, as_json: bool) -> None:
    """Make a bucket, and say whether it is new.

    Raises:
        StorageError: it cannot be made.
        MissingExtraError: ``boto3`` is not installed.
    """
    options = bucket_options(read_settings(), name)
    is_new = BucketRules(options).make()
    if as_json:
        print_json({"bucket": options.name, "endpoint": options.endpoint_url, "created": is_new})
    elif is_new:
        _say(f"Made the bucket {options.name} at {options.endpoint_url}; nobody else may read it.")
    else:
        _say(f"The bucket {options.name} is there already, at {options.endpoint_url}.")


def set_policy(name: str | None, *, is_public: bool, as_json: bool) -> None:
    """Open a bucket to all readers, or close it, and show what everybody may do.

    Raises:
        StorageError: the server does not do it.
        MissingExtraError: ``boto3`` is not installed.
    """
    options = bucket_options(read_settings(), name)
    rules = BucketRules(options)
    access = rules.open_to_all() if is_public else rules.close_to_all()
    if as_json:
        print_json({"bucket": options.name, "endpoint": options.endpoint_url, **access_json(access)})
        return
    for line in access_lines(options.name, access):
        _say(line)
    if access.is_public is not is_public:
        what = "its policy says otherwise: look for rules of the server above the bucket, or for access lists."
        STDERR.print(f"That is not what was asked for; {what}", style="yellow", markup=False, soft_wrap=True)


def list_files(wanted: Wanted, *, as_json: bool) -> None:
    """Print the newest files.

    Raises:
        StorageError: they cannot be listed.
        MissingExtraError: they are in a bucket, and ``boto3`` is not installed.
    """
    settings = read_settings()
    in_bucket = settings.keeps_in_bucket if wanted.place is None else wanted.place == "bucket"
    if in_bucket:
        rules = BucketRules(bucket_options(settings, wanted.bucket))
        files, link, what = rules.files(wanted.prefix), _links(rules), f"bucket {rules.options.name}"
    else:
        folder = artifacts_folder(settings)
        files, link, what = folder_files(folder, wanted.prefix), _paths(folder), str(folder)
    listing = listing_of((file for file in files if wanted.fits(file)), wanted.limit)
    linked = [Linked(file, link(file.key)) for file in listing.files]
    if as_json:
        print_json(listing_json(listing, linked, what))
        return
    if linked:
        Console().print(file_table(linked, now=time.time()))
    STDERR.print(total(listing, what), style="dim", highlight=False, markup=False, soft_wrap=True)


def files_of(settings: Settings) -> Iterator[StoredFile]:
    """Yield all files that lie where outputs are kept.

    Raises:
        StorageError: they cannot be listed.
        MissingExtraError: they are in a bucket, and ``boto3`` is not installed.
    """
    return (
        BucketRules(settings.bucket).files() if settings.keeps_in_bucket else folder_files(artifacts_folder(settings))
    )


def bucket_options(settings: Settings, name: str | None) -> BucketOptions:
    """Return the bucket of the settings, or another one at the same server."""
    return settings.bucket if name is None else replace(settings.bucket, name=name)


def _links(rules: BucketRules) -> Callable[[str], str]:
    try:
        is_public = allows_reading(allowed_to_all(rules.policy()))
    except StorageError:  # a server may know no policies, and a login may list but not look at them
        is_public = False
    return lambda key: rules.link(key, is_public=is_public)


def _paths(folder: Path) -> Callable[[str], str]:
    return lambda key: str(folder / key)


def _say(line: str) -> None:
    Console().print(line, markup=False, highlight=False, soft_wrap=True)
