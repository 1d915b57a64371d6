"""Runs a Ceph of one machine in memory, with its S3 gateway, on ports of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import uuid
from typing import TYPE_CHECKING

from tests.components import together
from tests.s3 import LOGIN

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 90.0
_CONFIGURATION = """
[global]
fsid = {fsid}
mon host = {addresses}
mon initial members = a
public network = 127.0.0.0/8
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd crush chooseleaf type = 0
mon allow pool size one = true
mon max pg per osd = 1000
mon data avail crit = 1
osd objectstore = memstore
memstore device bytes = 1073741824
plugin dir = {root}/usr/lib/{triplet}/ceph
erasure code dir = {root}/usr/lib/{triplet}/ceph/erasure-code
osd class dir = {root}/usr/lib/{triplet}/rados-classes
keyring = {folder}/keyring
run dir = {folder}
admin socket = {folder}/$name.asok
log file = {folder}/$name.log
mon data = {folder}/mon
osd data = {folder}/osd
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{port}
rgw run sync thread = false
"""


class Ceph:
    """A monitor, a disk that is memory, and the gateway: enough for buckets."""

    def __init__(self, root: Path, folder: Path) -> None:
        """Prepare what is unpacked in a folder, to work in another."""
        self._root, self._folder = root, folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self._port, *self._monitor = _free_ports(3)
        self._environment = {
            **os.environ,
            "LD_LIBRARY_PATH": ":".join(map(str, _library_folders(root))),
            "PYTHONPATH": str(root / "usr/lib/python3/dist-packages"),
        }

    @property
    def endpoint(self) -> str:
        """Where its S3 answers; `LOGIN` is taken there."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it, and wait until it answers: half a minute."""
        fsid, disk = str(uuid.uuid4()), str(uuid.uuid4())
        self._write(fsid)
        self._make_keys()
        self._make_monitor(fsid)
        self._serve("ceph-mon", "-i", "a")
        self._run("ceph", "--connect-timeout", "30", "osd", "new", disk)
        self._run("ceph-osd", "-i", "0", "--mkfs", "--osd-objectstore", "memstore", "--osd-uuid", disk)
        self._serve("ceph-osd", "-i", "0")
        name, secret = LOGIN
        keys = (f"--access-key={name}", f"--secret-key={secret}")
        self._run("radosgw-admin", "user", "create", "--uid=tests", "--display-name=tests", *keys)
        self._serve("radosgw", "-n", "client.admin")
        self._await()

    def stop(self) -> None:
        """End it, with all that it has."""
        for process in reversed(self._processes):
            process.send_signal(signal.SIGKILL)  # it has nothing to keep
            process.wait(10)

    def _write(self, fsid: str) -> None:
        for name in ("mon", "osd", "rgw"):
            (self._folder / name).mkdir()
        new, old = self._monitor
        facts = {
            "addresses": f"[v2:127.0.0.1:{new},v1:127.0.0.1:{old}]",
            "triplet": _triplet(self._root),
            "root": self._root,
            "folder": self._folder,
            "port": self._port,
            "fsid": fsid,
        }
        (self._folder / "ceph.conf").write_text(_CONFIGURATION.format(**facts))

    def _make_keys(self) -> None:
        keyring = str(self._folder / "keyring")
        for place, (name, *services) in enumerate(
            (("mon.", "mon"), ("client.admin", "mon", "osd", "mgr"), ("osd.0", "mon", "osd"))
        ):
            rights = [word for service in services for word in ("--cap", service, "allow *")]
            new = [] if place else ["--create-keyring"]
            self._run("ceph-authtool", *new, keyring, "--gen-key", "-n", name, *rights, is_configured=False)

    def _make_monitor(self, fsid: str) -> None:
        new, old = self._monitor
        addresses, chart = f"[v2:127.0.0.1:{new},v1:127.0.0.1:{old}]", str(self._folder / "monmap")
        self._run("monmaptool", "--create", "--addv", "a", addresses, "--fsid", fsid, chart, is_configured=False)
        keyring = str(self._folder / "keyring")
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", chart, "--keyring", keyring)

    def _run(self, name: str, *arguments: str, is_configured: bool = True) -> None:
        command = self._command(name, *arguments, is_configured=is_configured)
        done = subprocess.run(command, env=self._environment, capture_output=True, timeout=_SECONDS, check=False)
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr.decode(errors='replace')}")

    def _serve(self, name: str, *arguments: str) -> None:
        command = [*together(), *self._command(name, *arguments), "-f"]
        with (self._folder / f"{name}.out").open("wb") as file:
            self._processes.append(subprocess.Popen(command, env=self._environment, stdout=file, stderr=file))

    def _command(self, name: str, *arguments: str, is_configured: bool = True) -> list[str]:
        configured = ["-c", str(self._folder / "ceph.conf")] if is_configured else []
        return [str(self._root / "usr/bin" / name), *configured, *arguments]

    def _await(self) -> None:
        deadline = time.monotonic() + _SECONDS
        while not _listens(self._port):
            if time.monotonic() > deadline or any(process.poll() is not None for process in self._processes):
                raise RuntimeError("\n".join(path.read_text() for path in sorted(self._folder.glob("*.out"))))
            time.sleep(0.1)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _triplet(root: Path) -> str:
    """Return Debian's word for the machine, such as ``x86_64-linux-gnu``."""
    return next(root.glob("usr/lib/*/ceph/erasure-code")).parents[1].name


def _library_folders(root: Path) -> list[Path]:
    machine = root / "usr/lib" / _triplet(root)
    return [machine, machine / "ceph", root / "lib" / machine.name]
