import subprocess
import sys

import pytest

from comfy_gen.errors import MissingExtraError, SealError
from comfy_gen.storage.seal import Login, Seal

LOGIN = Login("AKIA-OF-TESTS", "the secret ünd all")


def test_login_comes_out_as_it_went_in():
    assert Seal("one").open(Seal("one").seal(LOGIN)) == LOGIN


def test_sealed_login_tells_nothing_and_differs_each_time():
    first, second = Seal("one").seal(LOGIN), Seal("one").seal(LOGIN)
    assert first != second
    assert LOGIN.access_key not in first


def test_secret_is_not_in_what_is_printed():
    assert LOGIN.secret_key not in repr(LOGIN)


@pytest.mark.parametrize("change", [lambda text: text[:-8], lambda _: "", lambda _: "ä", lambda text: "A" + text[1:]])
def test_changed_seal_does_not_open(change):
    with pytest.raises(SealError, match="secret key"):
        Seal("one").open(change(Seal("one").seal(LOGIN)))


def test_other_secret_does_not_open_it():
    with pytest.raises(SealError):
        Seal("two").open(Seal("one").seal(LOGIN))


@pytest.mark.parametrize("use", [lambda seal: seal.seal(LOGIN), lambda seal: seal.open("x")])
def test_missing_extra_is_named(monkeypatch, use):
    monkeypatch.setitem(sys.modules, "cryptography.fernet", None)
    with pytest.raises(MissingExtraError, match="s3"):
        use(Seal("one"))


def test_settings_load_none_of_the_extras():
    code = "import sys, comfy_gen.config; print({'boto3', 'botocore', 'cryptography', 'aiohttp'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
