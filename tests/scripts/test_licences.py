"""Which licences may be there, and that no others are."""

from __future__ import annotations

import pytest

from scripts.licences import KNOWN, Package, installed, problems


def test_what_is_installed_may_be_used_by_everybody():
    packages = installed()
    assert problems(packages) == []
    assert {package.name for package in packages if not package.extra} >= {"fastapi", "comfygen-server", "pillow"}
    assert "psycopg" in {package.name for package in packages if package.extra == "postgres"}


@pytest.mark.parametrize(
    "licence", ["MIT", "BSD-3-Clause", "Apache-2.0 OR MIT", "MPL-2.0 AND MIT", "PSF-2.0", "CC0-1.0"]
)
def test_permissive_licence_is_no_problem(licence):
    assert problems([Package("one", licence)]) == []


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "AGPL-3.0", "GNU General Public License v3 (GPLv3)", "LGPL-2.1"])
@pytest.mark.parametrize(("extra", "by"), [("", "the base"), ("s3", "the extra s3")])
def test_copyleft_is_told_with_what_brings_it(licence, extra, by):
    assert problems([Package("one", licence, extra)]) == [f"one, which {by} brings, is under {licence}"]


@pytest.mark.parametrize(("licence", "told"), [("", "none told"), ("Proprietary", "Proprietary")])
def test_licence_that_nobody_has_judged_is_told(licence, told):
    (problem,) = problems([Package("one", licence)])
    assert problem.endswith(f"has a licence that nobody has judged: {told}")


@pytest.mark.parametrize("name", KNOWN)
def test_what_extras_may_bring_the_base_may_not(name):
    assert problems([Package(name, "", "some")]) == []
    assert len(problems([Package(name, "")])) == 1
