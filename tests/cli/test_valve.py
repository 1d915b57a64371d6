"""What lets a command end its own stdin."""

from __future__ import annotations

import os

import pytest

from comfy_gen.cli.valve import CHUNK, valve


@pytest.fixture
def pipe():
    """A pipe, as (what is read, what is written)."""
    ends = os.pipe()
    yield ends
    for end in ends:
        os.close(end)


def test_what_is_written_is_read(pipe):
    source, sink = pipe
    valve(source)
    os.write(sink, b"one line\n")
    assert os.read(source, 100) == b"one line\n"


def test_closing_ends_it_though_nobody_has_closed_the_other_end(pipe):
    source, sink = pipe
    close = valve(source)
    os.write(sink, b"x" * 10)
    assert os.read(source, 10) == b"x" * 10
    close()
    close()
    assert os.read(source, 10) == b""


def test_end_of_the_other_side_is_an_end_here(tmp_path):
    said = tmp_path / "said"
    said.write_bytes(b"y" * (2 * CHUNK))
    with said.open("rb") as file:
        close = valve(file.fileno())
        assert file.read() == b"y" * (2 * CHUNK)
        close()
