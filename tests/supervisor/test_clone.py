"""Which version of a repository is meant."""

from __future__ import annotations

import pytest

from comfy_gen.errors import InstallError
from comfy_gen.supervisor.clone import choose_version, newest_release, tags_of

TAGS = ("latest", "v0.3.9", "v0.3.75", "v0.10.0-rc1", "v0.3.8", "v0.3")


def test_tags_are_read_from_what_git_lists():
    assert tags_of("abc\trefs/tags/v0.1\ndef\trefs/tags/some/thing\nwarning: x\n") == ["v0.1", "some/thing"]


def test_newest_release_is_the_highest_version_and_none_before_a_release():
    assert newest_release(TAGS) == "v0.3.75"
    assert newest_release(["v1", "main"]) == ""


@pytest.mark.parametrize(
    ("version", "ref"),
    [("", "v0.3.75"), ("latest", "v0.3.75"), ("0.3.9", "v0.3.9"), ("v0.3.8", "v0.3.8"), ("main", "main")],
)
def test_version_is_found_as_git_calls_it(version, ref):
    assert choose_version(TAGS, version) == ref


def test_repository_without_releases_gives_its_newest_state():
    assert choose_version([], "") == "HEAD"
    assert choose_version([], "0.3.9") == "0.3.9"


def test_release_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(InstallError) as caught:
        choose_version(TAGS, "0.3.76")
    assert str(caught.value) == "ComfyUI could not be installed: looking for version 0.3.76: there is no such release"
    assert caught.value.hint.startswith("nearest: v0.3.75, ")
