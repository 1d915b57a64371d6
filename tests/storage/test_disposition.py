import pytest

from comfy_gen.storage.disposition import LONGEST, disposition, plain_name


@pytest.mark.parametrize(
    ("filename", "header"),
    [
        ("x_00001_.png", 'inline; filename="x_00001_.png"'),
        ("clip.MP4", 'inline; filename="clip.MP4"'),
        ("page.html", 'attachment; filename="page.html"'),
        ("drawing.svg", 'attachment; filename="drawing.svg"'),
        ('a";b\r\nX-Y: 1.png', "inline; filename=\"a__bX-Y_ 1.png\"; filename*=UTF-8''a%22%3BbX-Y%3A%201.png"),
        ("füchse.png", "inline; filename=\"f_chse.png\"; filename*=UTF-8''f%C3%BCchse.png"),
    ],
)
def test_header_holds_the_name_and_nothing_else(filename, header):
    assert disposition(filename) == header


@pytest.mark.parametrize(
    ("filename", "name"),
    [("../../etc/passwd", "passwd"), ("C:\\a\\b.png", "b.png"), ("", "file"), ("\0\x1b", "file"), ("/", "file")],
)
def test_name_leads_nowhere(filename, name):
    assert plain_name(filename) == name


def test_long_name_keeps_its_suffix():
    name = plain_name("x" * 500 + ".png")
    assert len(name) == LONGEST
    assert name.endswith("x.png")
