import sys

import pytest

from comfy_gen.errors import MissingExtraError
from comfy_gen.storage.boto import LONGEST_REASON, code_of, connect, is_missing, is_refusal, reason_of
from comfy_gen.storage.s3 import BucketOptions


def failure(code, status):
    botocore = pytest.importorskip("botocore.exceptions")
    answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return botocore.ClientError(answer, "PutObject")


@pytest.mark.parametrize(
    ("code", "status", "refused"),
    [
        ("AccessDenied", 403, True),
        ("NoSuchBucket", 404, True),
        ("InvalidAccessKeyId", 403, True),
        ("SignatureDoesNotMatch", 403, True),
        ("RequestTimeout", 408, False),
        ("OperationAborted", 409, False),
        ("TooManyRequests", 429, False),
        ("SlowDown", 503, False),
        ("InternalError", 500, False),
    ],
)
def test_refusal_is_told_from_trouble(code, status, refused):
    assert is_refusal(failure(code, status)) is refused
    assert code_of(failure(code, status)) == code


def test_failure_without_an_answer_is_trouble():
    assert not is_refusal(OSError("unreachable"))
    assert code_of(OSError("unreachable")) == ""


def test_missing_object_is_not_a_missing_bucket():
    assert is_missing(failure("NoSuchKey", 404))
    assert not is_missing(failure("NoSuchBucket", 404))


def test_reason_is_one_short_line_whatever_the_server_says():
    reason = reason_of(OSError("a\x1b[31m\nb" + "x" * 1_000))
    assert reason.startswith("a [31m b")
    assert len(reason) <= LONGEST_REASON + 2


def test_reason_is_what_the_server_says_and_not_how_it_was_asked():
    assert reason_of(failure("AccessDenied", 403)) == "no (AccessDenied)"


def test_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(MissingExtraError, match="s3"):
        connect(BucketOptions())
