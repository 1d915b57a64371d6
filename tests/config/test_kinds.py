import os
from pathlib import Path

import pytest

from comfy_gen.config import kinds


@pytest.mark.parametrize(
    ("kind", "given", "taken"),
    [
        (kinds.flag(), True, True),
        (kinds.whole(1, 3), 3, 3),
        (kinds.whole(0), 10**6, 10**6),
        (kinds.seconds(), 0.5, 0.5),
        (kinds.seconds(), 300, 300),
        (kinds.text(), "", ""),
        (kinds.word("INFO", "ERROR"), "info", "INFO"),
        (kinds.host(), "gpu-1.example", "gpu-1.example"),
        (kinds.host(), "::1", "::1"),
        (kinds.url(), "https://gpu-1:8188/base", "https://gpu-1:8188/base"),
        (kinds.url(), " gpu-1:8188 ", "gpu-1:8188"),
        (kinds.endpoint(), "store:9000", "http://store:9000"),
        (kinds.endpoint(), "https://store", "https://store"),
        (kinds.target(), "https://hooks/x?token=1", "https://hooks/x?token=1"),
        (kinds.signing(), f"whsec_{'a' * 32} whsec_{'b' * 32}", f"whsec_{'a' * 32} whsec_{'b' * 32}"),
        (kinds.path(), "./a.log", Path("a.log")),
        (kinds.path(), Path("a.log"), Path("a.log")),
        (kinds.paths(), ["a b", Path("c")], (Path("a b"), Path("c"))),
        (kinds.paths(), (), ()),
        (kinds.paths(), f"a b{os.pathsep}c", (Path("a b"), Path("c"))),
        (kinds.or_nothing(kinds.whole(1)), None, None),
        (kinds.or_nothing(kinds.whole(1)), 2, 2),
        (kinds.or_empty(kinds.url()), "", ""),
        (kinds.or_empty(kinds.url()), "http://h", "http://h"),
    ],
)
def test_fit_value_is_taken(kind, given, taken):
    assert kind.check(given) == taken
    assert type(kind.check(given)) is type(taken)


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        *((kinds.flag(), given) for given in (1, 0, "true", None, [])),
        *((kinds.whole(1, 3), given) for given in (0, 4, 2.0, "2", True, None, 10**400)),
        *((kinds.seconds(), given) for given in (0, -1, float("nan"), float("inf"), "1", True, None)),
        *((kinds.text(), given) for given in (1, True, None, 1.5, "a\nb", "\x1b[2J", "\ud800")),
        *((kinds.word("INFO"), given) for given in ("infos", "", 1, None)),
        *((kinds.host(), given) for given in ("", "http://h", "h:8188", "a b", "u@h", "[::1]", 127, None)),
        *((kinds.url(), given) for given in ("", "ftp://h", "http://", "http://h:x", "http://h/?a=1", "http://[", 1)),
        *((kinds.endpoint(), given) for given in ("", "s3://bucket", None)),
        *((kinds.target(), given) for given in ("", "hooks/x", "ftp://h", "http://h:99999", None)),
        *((kinds.signing(), given) for given in ("", " ", "hunter2", "whsec_hunter2", f"whsec_{'a' * 32} x", 1, None)),
        *((kinds.path(), given) for given in ("", "a\0b", 1, None, "~no-such-user-here/x")),
        *((kinds.paths(), given) for given in ([""], [1], 1, None, ["a\0b"])),
        (kinds.or_nothing(kinds.whole(1)), 0),
        (kinds.or_empty(kinds.url()), "ftp://h"),
    ],
)
def test_unfit_value_is_refused(kind, given):
    with pytest.raises(ValueError):  # noqa: PT011  # the sentence is made elsewhere
        kind.check(given)


@pytest.mark.parametrize(
    ("kind", "said", "meant"),
    [
        (kinds.flag(), "On", True),
        (kinds.flag(), "0", False),
        (kinds.whole(1), "12", 12),
        (kinds.seconds(), "1.5", 1.5),
        (kinds.text(), "0123", "0123"),
        (kinds.or_nothing(kinds.path()), "none", None),
        (kinds.or_nothing(kinds.path()), "a.log", "a.log"),
        (kinds.or_nothing(kinds.seconds()), "NULL", None),
        (kinds.paths(), os.pathsep.join(("a b", "", " c ")), ["a b", "c"]),
    ],
)
def test_text_of_a_variable_stands_for_a_value(kind, said, meant):
    assert kind.parse(said) == meant


@pytest.mark.parametrize(("kind", "said"), [(kinds.flag(), "maybe"), (kinds.whole(1), "1.5"), (kinds.seconds(), "x")])
def test_text_that_stands_for_nothing_is_refused(kind, said):
    with pytest.raises(ValueError):  # noqa: PT011  # the sentence is made elsewhere
        kind.parse(said)


def test_home_folder_is_found(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert kinds.path().check("~/out") == Path("/home/me/out")
