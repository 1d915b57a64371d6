"""Steps that fail say what to do."""

from __future__ import annotations

import sys

import pytest

from comfy_gen.errors import InstallError
from comfy_gen.supervisor.steps import AGAIN, Steps, advice_on, without_logins

STEPS = Steps(lambda _: None)


def test_step_returns_what_its_program_wrote():
    assert STEPS.run("asking", sys.executable, "-c", "print('yes')") == "yes\n"


def test_step_that_fails_tells_its_last_lines_without_logins():
    code = "import sys; print('fetching https://me:secret@example.com/x'); sys.exit('no')"
    with pytest.raises(InstallError) as caught:
        STEPS.run("fetching", sys.executable, "-c", code)
    assert (caught.value.step, caught.value.reason) == ("fetching", "fetching https://example.com/x\n  no")
    assert caught.value.hint == AGAIN


@pytest.mark.parametrize(
    ("said", "advice"),
    [
        ("OSError: [Errno 28] No space left on device", "delete what is not needed on that disk"),
        ("ERROR: No matching distribution found for torch", "the index that pip is set up for"),
        ("Failed to establish a new connection\nNo matching distribution", "see whether this machine reaches PyPI"),
        ("The virtual environment was not created, ensurepip is not available.", "Debian and Ubuntu"),
    ],
)
def test_failure_that_is_known_has_its_own_advice(said, advice):
    with pytest.raises(InstallError) as caught:
        STEPS.run("installing", sys.executable, "-c", f"import sys; sys.exit({said!r})", advice="another")
    assert caught.value.hint.startswith(advice)
    assert advice_on("something else") == ""


def test_program_that_is_missing_or_may_not_run_is_told(tmp_path):
    with pytest.raises(InstallError, match="there is no nosuchprogram here") as caught:
        STEPS.run("looking", "nosuchprogram", advice="install it.")
    assert caught.value.hint == "install it."
    (tmp_path / "file").write_text("")
    with pytest.raises(InstallError, match="Permission denied"):
        STEPS.run("looking", tmp_path / "file")


def test_program_that_does_not_end_is_ended():
    with pytest.raises(InstallError, match=r"no end within 0\.05 s"):
        STEPS.run("waiting", sys.executable, "-c", "import time; time.sleep(60)", timeout=0.05)


def test_only_the_login_of_an_address_is_taken_out():
    assert without_logins("a@b https://me:p@h/x ssh://git@h") == "a@b https://h/x ssh://h"
