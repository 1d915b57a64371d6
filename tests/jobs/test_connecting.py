from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from comfy_gen.errors import DatabaseUnavailableError
from comfy_gen.jobs.connecting import prepare_file
from comfy_gen.jobs.database import Database

if TYPE_CHECKING:
    from pathlib import Path

VISIT = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("SELECT count(*) FROM jobs")
database.execute("INSERT INTO switches (name, value) VALUES (?, '1')", [sys.argv[2]])
database.commit()
print([name for name, in database.execute("SELECT name FROM switches ORDER BY name")])
database.close()
"""


def visit(file: Path, name: str) -> str:
    """Have another process write to the database, and say what it finds there."""
    command = [sys.executable, "-c", VISIT, str(file), name]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30).stdout.strip()


async def test_two_databases_of_one_process_keep_their_locks(tmp_path: Path):
    """Whoever closes a file gives up every lock that the process has on it: SQLite's file is never opened twice."""
    file = tmp_path / "comfygen.db"
    switch = text("INSERT INTO switches (name, value) VALUES (:name, '1')")
    async with await Database.open(f"sqlite:///{file}") as first:
        await first.write(lambda connection: connection.execute(switch, {"name": "a"}).close())
        async with await Database.open(f"sqlite:///{file}"):
            assert visit(file, "b") == "['a', 'b']"
            assert file.with_name("comfygen.db-wal").exists()
            await first.write(lambda connection: connection.execute(switch, {"name": "c"}).close())
            assert visit(file, "d") == "['a', 'b', 'c', 'd']"


def test_file_is_the_owner_s_alone_and_left_as_it_is(tmp_path: Path):
    file = tmp_path / "new" / "comfygen.db"
    prepare_file(file, name="x")
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["comfygen.db"]
    file.write_bytes(b"something")
    prepare_file(file, name="x")
    assert file.read_bytes() == b"something"


def test_file_is_made_where_there_are_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("pathlib.Path.hardlink_to", refuse)
    prepare_file(tmp_path / "comfygen.db", name="x")
    assert [path.name for path in tmp_path.iterdir()] == ["comfygen.db"]


def test_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DatabaseUnavailableError):
        prepare_file(tmp_path / "file" / "comfygen.db", name="x")
