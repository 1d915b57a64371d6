import pytest

from comfy_gen.api.ranges import NoSuchPartError, is_same, names_tag, part_of


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=2-5", (2, 6)),
        ("bytes=2-", (2, 10)),
        ("bytes=2-99", (2, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        (" Bytes=1-1 ", (1, 2)),
    ],
)
def test_part_is_found(header, part):
    assert part_of(header, 10) == part


@pytest.mark.parametrize(
    "header", [None, "", "bytes=", "bytes=-", "bytes=5-2", "lines=1-2", "bytes=0-1,3-4", "bytes=a-b"]
)
def test_what_cannot_be_read_asks_for_the_whole(header):
    assert part_of(header, 10) is None


@pytest.mark.parametrize(
    ("header", "size"), [("bytes=10-", 10), ("bytes=10-12", 10), ("bytes=-0", 10), ("bytes=0-", 0)]
)
def test_part_that_is_not_there_is_refused(header, size):
    with pytest.raises(NoSuchPartError):
        part_of(header, size)


def test_tags_are_compared():
    assert names_tag('"b", W/"a"', '"a"')
    assert names_tag("*", '"a"')
    assert not names_tag('"b"', '"a"')
    assert not names_tag(None, '"a"')
    assert is_same(None, '"a"')
    assert is_same('"a"', '"a"')
    assert not is_same("Wed, 21 Oct 2026 07:28:00 GMT", '"a"')
