import pytest

from comfy_gen.config.masks import masked


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("http://user:p4ss@gpu-1:8188/x failed", "http://***@gpu-1:8188/x failed"),
        ("ws://token@gpu-1/ws and http://a:b@c", "ws://***@gpu-1/ws and http://***@c"),
        ("http://u:p@ss@h/", "http://***@h/"),
        ("http://h/a@b", "http://h/a@b"),
        ("mail me@example.org", "mail me@example.org"),
        ("/view?filename=a.png&token=abc&type=output", "/view?filename=a.png&token=***&type=output"),
        ("?X-Amz-Signature=ff00&X-Amz-Credential=AK/1", "?X-Amz-Signature=***&X-Amz-Credential=***"),
        ("Authorization: Basic dTpw", "Authorization: ***"),
        ("{'Authorization': 'Bearer abc', 'a': 1}", "{'Authorization': '***', 'a': 1}"),
        ("with bearer eyJhbGciOiJIUzI1NiJ9.x.y", "with bearer ***"),
        ("basic nodes", "basic nodes"),
    ],
)
def test_secrets_are_taken_out(said, shown):
    assert masked(said) == shown


def test_secrets_that_are_named_are_taken_out():
    assert masked("key=hunter2!", ("hunter2",)) == "key=***!"


def test_long_text_is_masked_in_time():
    assert masked("http://" + "@" * 100_000 + " ?key=" + "&" * 100_000)
