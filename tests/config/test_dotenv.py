from __future__ import annotations

import pytest

from comfy_gen.config.dotenv import parse_env, use_env_file
from comfy_gen.errors import ConfigFileError


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=1", "1"),
        ("export A=1", "1"),
        ("  A = 1  ", "1"),
        ("A=redis              # 'redis' or 'memory'", "redis"),
        ("A=", ""),
        ("A=   # nothing", ""),
        ("A=#", ""),
        ("A=http://host/#tags=xl", "http://host/#tags=xl"),
        ("A='a # b' # c", "a # b"),
        ('A="it\'s"', "it's"),
        ('A="', '"'),
        ("A=$HOME", "$HOME"),
        ("A=b=c", "b=c"),
    ],
)
def test_line_sets_a_variable(line, value):
    assert parse_env(line) == ({"A": value}, [])


def test_comments_and_blank_lines_say_nothing():
    assert parse_env("# A=1\n\n   \nB=2") == ({"B": "2"}, [])


def test_last_line_of_a_name_counts():
    assert parse_env("A=1\nA=2")[0] == {"A": "2"}


def test_lines_that_set_nothing_are_numbered():
    assert parse_env("A=1\nwhat\n1B=2")[1] == [2, 3]


def test_environment_counts_more_than_the_file(tmp_path):
    (tmp_path / ".env").write_text("\ufeffA=1\nB=2", encoding="utf-8")
    environ = {"A": "mine"}
    assert use_env_file(tmp_path / ".env", environ)
    assert environ == {"A": "mine", "B": "2"}


def test_no_file_is_no_trouble(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert not use_env_file(environ={})


def test_wrong_lines_are_told_and_nothing_is_set(tmp_path):
    path = tmp_path / ".env"
    path.write_text("A=1\nwhat")
    environ = {}
    with pytest.raises(ConfigFileError, match=r"\.env:2: a line must be NAME=VALUE"):
        use_env_file(path, environ)
    assert environ == {}


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_file_that_cannot_be_read_is_told(tmp_path, content):
    path = tmp_path / ".env"
    path.mkdir() if content is None else path.write_bytes(content)
    with pytest.raises(ConfigFileError, match="it cannot be read"):
        use_env_file(path, {})
