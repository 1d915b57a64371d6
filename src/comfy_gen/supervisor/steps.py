"""The steps of an installation: told when they begin, and what went wrong where one fails."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from comfy_gen.errors import InstallError
from comfy_gen.supervisor.program import run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

LOGIN = re.compile(r"(?<=://)[^/@\s]+@")
"""The login in an address, which is for no message."""
ADVICE = {
    "No space left on device": "delete what is not needed on that disk, or name a folder on another with --dir.",
    "Permission denied": "name a folder with --dir that this user may write to.",
    "Temporary failure in name resolution": "see whether this machine reaches PyPI, and which proxy or index pip uses.",
    "Failed to establish a new connection": "see whether this machine reaches PyPI, and which proxy or index pip uses.",
    "No matching distribution": "the index that pip is set up for does not have it for this Python and system.",
    "ensurepip is not available": "Debian and Ubuntu have it in a package of its own: apt install python3-venv.",
}
"""What to do, by what a program said."""
AGAIN = "the same command goes on from there."


@dataclass(frozen=True, slots=True)
class Steps:
    """Runs the programs of an installation."""

    tell: Callable[[str], None]
    """Is given what is done now, as a sentence without a stop."""

    def run(
        self,
        step: str,
        *command: str | Path,
        advice: str = "",
        timeout: float | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> str:
        """Run a program, and return what it wrote to stdout.

        Raises:
            InstallError: there is no such program, or it failed.
        """
        try:
            ended = run(command, timeout=timeout, settings=settings)
        except FileNotFoundError as error:
            raise InstallError(step, f"there is no {command[0]} here", advice) from error
        except OSError as error:
            raise InstallError(step, f"{command[0]}: {error.strerror or error}", advice) from error
        except subprocess.TimeoutExpired as error:
            raise InstallError(step, f"no end within {timeout:g} s", advice) from error
        if not ended.is_well:
            reason = without_logins(ended.reason)
            raise InstallError(step, reason, advice_on(reason) or advice or AGAIN)
        return ended.said


def advice_on(reason: str) -> str:
    """Return what to do about a failure; empty where nobody knows. Pure."""
    return next((advice for sign, advice in ADVICE.items() if sign in reason), "")


def without_logins(text: str) -> str:
    """Return a text without the logins of the addresses in it. Pure."""
    return LOGIN.sub("", text)
