import pytest

from comfy_gen.config.masks import masked, masked_address, masked_misfit


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


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("http://u:sec/ret@gpu:8188", "http://***@gpu:8188"),
        ("http//u:secret@gpu", "***@gpu"),
        ("http:/u:secret@gpu", "http:/***@gpu"),
        ("u:secret@gpu", "***@gpu"),
        ("one=http://u:s3/x@gpu-1 two=u:x@gpu-2:8188", "one=http://***@gpu-1 two=***@gpu-2:8188"),
        ("one=http://gpu-1 http://gpu-2:8188/x", "one=http://gpu-1 http://gpu-2:8188/x"),
        ("postgresql:/u:secret@db/x", "postgresql:/***@db/x"),
        ("owner@model", "owner@model"),
    ],
)
def test_logins_are_taken_out_of_what_is_hardly_an_address(said, shown):
    assert masked_address(said) == shown


def test_login_with_a_blank_in_it_is_taken_out_of_what_is_none():
    assert masked_misfit("http://u:se cr/et@gpu:8188") == "http://***@gpu:8188"
    assert masked_misfit("a lighthouse") == "a lighthouse"
