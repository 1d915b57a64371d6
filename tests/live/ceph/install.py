"""Unpacks a Ceph of Debian's packages into a folder: an S3 server that holds its buckets' policies, for tests.

    python tests/live/ceph/install.py [DIR]

Needs apt-get and dpkg with Debian's or Ubuntu's package lists, but neither root nor Docker: nothing is installed in
the system. 70 MB are fetched, and 260 MB unpacked; where it was unpacked before, nothing at all. The packages keep
Ceph (LGPL 2.1) as it is: it is run for tests, never copied or imported.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
PACKAGES = ("radosgw", "ceph-mon", "ceph-osd", "ceph-common")
MARK = ".unpacked"


def default_directory() -> Path:
    """Return where the Ceph of this project lies: ``COMFYGEN_LIVE_CEPH``, or ``.ceph`` in the project."""
    return Path(os.environ.get("COMFYGEN_LIVE_CEPH") or PROJECT / ".ceph").resolve()


def is_installed(directory: Path) -> bool:
    """Tell whether the folder holds a Ceph."""
    return (directory / MARK).exists()


def install(directory: Path) -> bool:
    """Have a Ceph in the folder; False if it was there already.

    Raises:
        CalledProcessError: the packages cannot be had.
    """
    if is_installed(directory):
        return False
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="ceph-") as folder:
        subprocess.run(["apt-get", "download", *_packages()], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        for package in sorted(Path(folder).glob("*.deb")):
            subprocess.run(["dpkg", "-x", str(package), str(directory)], check=True)
    (directory / MARK).touch()
    return True


def _packages() -> list[str]:
    """Return the packages, with those that they need and this system lacks."""
    command = ["apt-get", "install", "--simulate", "--no-install-recommends", *PACKAGES]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return re.findall(r"^Inst (\S+)", said, re.MULTILINE)


if __name__ == "__main__":
    place = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else default_directory()
    sys.stdout.write(f"{'Unpacked' if install(place) else 'There already:'} {place}\n")
