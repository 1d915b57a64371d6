from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from comfy_gen.errors import OutputPathError
from comfy_gen.supervisor import lock

if TYPE_CHECKING:
    from pathlib import Path


def test_lock_is_taken_once_and_free_again_when_its_handle_is_closed(tmp_path: Path):
    handle = lock.take(tmp_path / "lock")

    assert handle is not None
    assert lock.take(tmp_path / "lock") is None

    os.close(handle)
    again = lock.take(tmp_path / "lock")
    assert again is not None
    os.close(again)


def test_place_that_is_no_folder_is_told(tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(OutputPathError):
        lock.take(tmp_path / "file" / "lock")


def test_turns_come_one_after_the_other(tmp_path: Path):
    order: list[str] = []

    def second() -> None:
        with lock.turn(tmp_path / "lock"):
            order.append("second")

    with lock.turn(tmp_path / "lock"):
        waiting = threading.Thread(target=second)
        waiting.start()
        waiting.join(0.05)
        order.append("first")
    waiting.join(5)

    assert order == ["first", "second"]
