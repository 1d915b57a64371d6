"""The licences of all that an installation brings, by extra; a failure where the base brings a copyleft one.

    python scripts/licences.py [--all]

It reads the metadata of what is installed, and follows what each distribution says that it needs.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass
from importlib.metadata import Distribution, distribution
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OURS = "comfygen-server"
TOOLS = "dev"
FREE = re.compile(r"\b(MIT|BSD|Apache|ISC|PSF|Python Software|CC0|0BSD|Zlib|BSL|Unlicense|HPND)\b|^\W*$")
COPYLEFT = re.compile(r"(?<!Lesser )\b[AL]?GPL|General Public|Affero", re.IGNORECASE)
FILE_BY_FILE = re.compile(r"MPL|Mozilla Public")
"""Asks only that its own files stay as free as they are."""
KNOWN = {
    "psycopg": "LGPL-3.0: loaded as it is, of the extra postgres alone",
    "psycopg-binary": "LGPL-3.0: as psycopg",
    "psycopg-pool": "LGPL-3.0: as psycopg",
    "comfyui-frontend-package": "GPL-3.0, though its metadata are silent: files that are served, of the extra alone",
}
"""Copyleft that extras may bring, and why it may stay there: nobody has it who did not ask for it."""


@dataclass(frozen=True, slots=True)
class Package:
    """What is installed, and under which licence."""

    name: str
    licence: str
    """As its metadata have it."""
    extra: str = ""
    """What brings it, if the base does not."""


def problems(packages: Iterable[Package]) -> list[str]:
    """Return one sentence for each package that must not be there (pure)."""
    return [problem for package in packages if (problem := _problem(package))]


def _problem(package: Package) -> str:
    if package.name in KNOWN:
        return (
            ""
            if package.extra
            else f"{package.name} is for extras alone, and the base brings it: {KNOWN[package.name]}"
        )
    by = f"the extra {package.extra}" if package.extra else "the base"
    if COPYLEFT.search(package.licence):
        return f"{package.name}, which {by} brings, is under {package.licence}"
    if not package.licence or not (FREE.search(package.licence) or FILE_BY_FILE.search(package.licence)):
        return (
            f"{package.name}, which {by} brings, has a licence that nobody has judged: {package.licence or 'none told'}"
        )
    return ""


def licence_of(told: Distribution) -> str:
    """Return a distribution's licence, from wherever its metadata have it."""
    classified = [line for line in told.metadata.get_all("Classifier", []) if line.startswith("License ::")]
    written = (told.metadata.get("License") or "").strip().splitlines()
    return (
        told.metadata.get("License-Expression")
        or ", ".join(line.rpartition(" :: ")[2] for line in classified)
        or (written[0] if written else "")
    )


def needs(name: str, extras: frozenset[str]) -> Iterator[Requirement]:
    """Yield what a distribution needs here, with some of its extras."""
    for text in distribution(name).requires or ():
        needed = Requirement(text)
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield needed


def closure(extra: str = "") -> set[str]:
    """Return the names of all that is installed with ours and one of its extras."""
    seen: set[tuple[str, frozenset[str]]] = set()
    ahead = [(OURS, frozenset({extra} - {""}))]
    while ahead:
        one = ahead.pop()
        if one not in seen:
            seen.add(one)
            ahead += [(canonicalize_name(needed.name), frozenset(needed.extras)) for needed in needs(*one)]
    return {name for name, _ in seen}


def installed() -> list[Package]:
    """Return what the base brings, and after it what each extra adds; the tools of development are nobody's affair."""
    base = closure()
    extras = sorted(set(distribution(OURS).metadata.get_all("Provides-Extra", [])) - {TOOLS})
    brought = [("", base), *((extra, closure(extra) - base) for extra in extras)]
    return [Package(name, licence_of(distribution(name)), extra) for extra, names in brought for name in sorted(names)]


def main() -> int:
    """Print what is wrong, or all there is, and return the exit code."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--all", action="store_true", help="list every package")
    packages = installed()
    if asked.parse_args().all:
        for package in packages:
            print(f"{package.extra or 'base':9} {package.name:42} {KNOWN.get(package.name, package.licence)}")
    wrong = problems(packages)
    for problem in wrong:
        print(problem, file=sys.stderr)
    count = sum(not package.extra for package in packages)
    print(f"licences: {count} packages in the base, {len(packages) - count} of extras, {len(wrong)} are a problem")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
