from __future__ import annotations

import logging
import shutil
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from comfy_gen.config import LoggingOptions, Settings
from comfy_gen.config import log as config_log
from comfy_gen.config.log import configure_logging
from comfy_gen.errors import OutputPathError
from comfy_gen.storage.s3 import BucketOptions

log = logging.getLogger("comfy_gen.somewhere")
QUIET = LoggingOptions(console=False)


@pytest.fixture(autouse=True)
def as_it_was():
    """Leave no handler behind."""
    ours = logging.getLogger("comfy_gen")
    before, level = list(ours.handlers), ours.level
    yield
    for handler in set(ours.handlers) - set(before):
        ours.removeHandler(handler)
        with suppress(OSError):
            handler.close()
    ours.setLevel(level)


@pytest.fixture
def configure(tmp_path):
    """Log into a file of the test's folder and return its path."""

    def configure(**options):
        path = tmp_path / "logs" / "comfyui_api.log"
        bucket = BucketOptions(secret_key="correct horse")
        configure_logging(Settings(logging=replace(QUIET, file=path, **options), bucket=bucket))
        return path

    return configure


def test_file_has_what_the_level_lets_through(configure):
    path = configure(level="INFO")
    log.debug("quiet")
    log.info("told %d", 1)
    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert line.endswith("INFO     comfy_gen.somewhere: told 1")
    assert line[4] == line[7] == "-"


def test_console_is_stderr_as_it_is_at_the_time(configure, capsys, monkeypatch, tmp_path):
    configure(console=True)
    log.warning("one")
    assert capsys.readouterr().err == "WARNING: one\n"
    with (tmp_path / "other").open("w+") as other:
        monkeypatch.setattr(sys, "stderr", other)
        log.warning("two")
        other.seek(0)
        assert other.read() == "WARNING: two\n"


def test_nothing_is_said_where_nothing_is_wanted(capsys):
    configure_logging(Settings(logging=QUIET))
    log.error("nobody listens")
    assert capsys.readouterr().err == ""


def test_later_call_takes_the_place_of_an_earlier_one(configure, capsys):
    mine = logging.NullHandler()
    ours = logging.getLogger("comfy_gen")
    ours.addHandler(mine)
    configure(console=True, level="DEBUG")
    path = configure(console=True, level="ERROR")
    log.error("once")
    log.warning("too quiet")
    assert capsys.readouterr().err == "ERROR: once\n"
    assert len(path.read_text(encoding="utf-8").splitlines()) == 1
    assert mine in ours.handlers
    ours.removeHandler(mine)


def test_secrets_are_never_logged(configure, capsys):
    path = configure(console=True)
    try:
        raise ValueError("no answer from http://me:hunter2@gpu-1/")  # noqa: TRY301  # for its traceback
    except ValueError:
        log.exception("with %s and %s", "correct horse", "http://me:hunter2@gpu-1/prompt")
    for said in (path.read_text(encoding="utf-8"), capsys.readouterr().err):
        assert "ValueError: no answer from http://***@gpu-1/" in said
        assert "hunter2" not in said
        assert "correct horse" not in said


def test_engine_cannot_steer_the_terminal(configure, capsys):
    configure(console=True)
    log.warning("it says \x1b[2J\r\x9b and\ta tab")
    assert capsys.readouterr().err == "WARNING: it says \\x1b[2J\\x0d\\x9b and\ta tab\n"


def test_full_file_is_put_away(configure, monkeypatch):
    monkeypatch.setattr(config_log, "MAX_BYTES", 1000)
    path = configure()
    for number in range(100):
        log.warning("line %d", number)
    files = sorted(path.parent.iterdir())
    assert [file.name for file in files] == [path.name, *(f"{path.name}.{number}" for number in (1, 2, 3))]
    assert all(file.stat().st_size <= 1000 for file in files)
    assert "line 99" in path.read_text(encoding="utf-8")


def test_process_writes_on_in_the_new_file_when_another_put_the_old_one_away(configure):
    path = configure()
    log.warning("one")
    path.rename(path.with_name("put-away"))
    log.warning("two")
    assert "two" in path.read_text(encoding="utf-8")
    assert "two" not in path.with_name("put-away").read_text(encoding="utf-8")


def test_file_that_another_process_put_away_meanwhile_is_not_put_away_again(configure, monkeypatch):
    path = configure()
    log.warning("one")
    (handler,) = [one for one in logging.getLogger("comfy_gen").handlers if hasattr(one, "doRollover")]
    path.rename(path.with_name("put-away"))
    handler.doRollover()
    log.warning("two")
    assert sorted(file.name for file in path.parent.iterdir()) == [path.name, "put-away"]


def test_file_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(OutputPathError, match="Is a directory"):
        configure_logging(Settings(logging=LoggingOptions(file=tmp_path)))


def test_setup_that_fails_leaves_the_earlier_one(configure, tmp_path):
    path = configure()
    with suppress(OutputPathError):
        configure_logging(Settings(logging=LoggingOptions(file=tmp_path)))
    log.warning("still here")
    assert "still here" in path.read_text(encoding="utf-8")


def test_program_goes_on_when_the_folder_of_the_log_is_gone_and_the_log_when_it_is_back(configure, capsys):
    path = configure()
    shutil.rmtree(path.parent)
    log.warning("one")
    log.warning("two")
    assert capsys.readouterr().err.startswith("the log cannot be written: [Errno 2] No such file or directory")
    path.parent.mkdir()
    log.warning("three")
    assert path.read_text(encoding="utf-8").endswith("three\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device here")
def test_full_disk_is_said_once_and_without_the_record(capsys):
    options = LoggingOptions(file=Path("/dev/full"), console=False)
    configure_logging(Settings(logging=options))
    log.warning("hunter2")
    log.warning("hunter2")
    assert capsys.readouterr().err == "the log cannot be written: [Errno 28] No space left on device\n"
