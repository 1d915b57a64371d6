"""Sees to it that there is room on the disks before anything is fetched to them."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from comfy_gen.errors import DiskSpaceError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def check_space(wanted: Iterable[tuple[Path, int]]) -> None:
    """See whether all the files fit, each into its folder, which need not be there yet; together where they share one.

    Raises:
        DiskSpaceError: a disk has too little room.
    """
    by_disk: dict[int, tuple[Path, int]] = {}
    for folder, size in wanted:
        place = _existing(folder)
        disk = place.stat().st_dev
        by_disk[disk] = (place, by_disk.get(disk, (place, 0))[1] + size)
    for place, size in by_disk.values():
        if size > (free := shutil.disk_usage(place).free):
            raise DiskSpaceError(place, size, free)


def _existing(folder: Path) -> Path:
    return next(one for one in (folder, *folder.absolute().parents) if one.is_dir())
