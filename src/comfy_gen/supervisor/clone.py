"""Fetches ComfyUI with git: which releases there are, one of them, and its files last of all."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from comfy_gen.errors import InstallError, listing
from comfy_gen.supervisor.steps import without_logins

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from comfy_gen.supervisor.steps import Steps

OFFICIAL = "https://github.com/comfyanonymous/ComfyUI.git"
LATEST = "latest"
RELEASE = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")
PATIENCE = 60.0
"""Seconds in which a server lists its tags."""
UNREACHABLE = (
    "where that server cannot be reached, `comfygen service install --from-pypi` needs PyPI alone; another copy of the"
    " source is named with --repository."
)
NEEDS_GIT = "install git, or use `comfygen service install --from-pypi`, which needs none."
QUIET = {"GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
"""git asks nobody for a password, and says in English what went wrong."""
OWN_FILES = ("/.installed", "/.installing", "/venv/")
"""What git is not to list as new: these are ours."""


@dataclass(frozen=True, slots=True)
class Clone:
    """A repository of ComfyUI's, and the folder that its files go to."""

    directory: Path
    repository: str
    steps: Steps

    def find_version(self, version: str) -> str:
        """Return the name, as git has it, of the version asked for: of the newest release for none.

        Raises:
            InstallError: there is no git, or the repository cannot be asked.
        """
        step = f"asking {self._shown} for its releases"
        self.steps.tell(step)
        self._git("--version", step="looking for git", advice=NEEDS_GIT)
        listed = self._git("ls-remote", "--tags", "--refs", "--", self.repository, step=step, timeout=PATIENCE)
        return choose_version(tags_of(listed), version)

    def fetch(self, version: str) -> str:
        """Fetch a version's files, without laying them out, and return its commit.

        Raises:
            InstallError: the repository cannot be asked, has no such version, or has no ComfyUI.
        """
        step = f"fetching {version if version != 'HEAD' else 'the newest state'} from {self._shown}"
        self.steps.tell(step)
        self._prepare()
        stalled = ("-c", "http.lowSpeedLimit=1000", "-c", f"http.lowSpeedTime={PATIENCE:.0f}")
        self._here(*stalled, "fetch", "--quiet", "--depth=1", "--no-tags", "--", self.repository, version, step=step)
        commit = self._here("rev-parse", "FETCH_HEAD", step=step).strip()
        names = self._here("ls-tree", "--name-only", commit, step=step).split()
        missing = [name for name in ("main.py", "comfy", "requirements.txt") if name not in names]
        if missing:
            raise InstallError(step, f"that is no ComfyUI: it has no {' and no '.join(missing)}", "see --repository.")
        return commit

    def requirements(self, commit: str) -> str:
        """Return the text of the list of packages that a version needs.

        Raises:
            InstallError: it cannot be read.
        """
        return self._here("show", f"{commit}:requirements.txt", step="reading what it needs")

    def lay_out(self, commit: str) -> None:
        """Put a version's files into the folder: from here on it is a ComfyUI.

        Raises:
            InstallError: files are in the way, or there is no room.
        """
        advice = "move away what is in the way there, and repeat the command."
        self._here("checkout", "--quiet", "--detach", commit, step=f"writing {self.directory}", advice=advice)

    @property
    def _shown(self) -> str:
        return without_logins(self.repository)

    def _prepare(self) -> None:
        """Have an empty repository that knows where its files come from."""
        step = f"making {self.directory}"
        if (self.directory / ".git").exists():
            self._here("remote", "set-url", "origin", self.repository, step=step)
            return
        self._git("init", "--quiet", "--", str(self.directory), step=step)
        self._here("remote", "add", "origin", self.repository, step=step)
        exclude = self.directory / ".git" / "info" / "exclude"
        exclude.parent.mkdir(exist_ok=True)
        exclude.write_text("\n".join((*OWN_FILES, "")))

    def _here(self, *arguments: str, step: str, advice: str = UNREACHABLE) -> str:
        return self._git("-C", str(self.directory), *arguments, step=step, advice=advice)

    def _git(self, *arguments: str, step: str, advice: str = UNREACHABLE, timeout: float | None = None) -> str:
        return self.steps.run(step, "git", *arguments, advice=advice, timeout=timeout, settings=QUIET)


def tags_of(listed: str) -> list[str]:
    """Return the tags in what ``git ls-remote --tags`` says. Pure."""
    return [line.partition("refs/tags/")[2] for line in listed.splitlines() if "refs/tags/" in line]


def choose_version(tags: Sequence[str], version: str) -> str:
    """Return what git is to fetch: a tag where one is meant, else what was asked for as it stands. Pure.

    Raises:
        InstallError: a release is meant that is not there.
    """
    if version in {"", LATEST}:
        return newest_release(tags) or "HEAD"
    for name in (version, f"v{version}"):
        if name in tags:
            return name
    if tags and RELEASE.fullmatch(version):
        nearest = get_close_matches(version, tags, n=3, cutoff=0) or tags[-3:]
        raise InstallError(
            f"looking for version {version}", "there is no such release", f"nearest: {listing(nearest)}."
        )
    return version


def newest_release(tags: Sequence[str]) -> str:
    """Return the tag of the highest version, not of one before a release; empty if there is none. Pure."""
    releases = {tag: match for tag in tags if (match := RELEASE.fullmatch(tag))}
    return max(releases, key=lambda tag: [int(part or 0) for part in releases[tag].groups()], default="")
