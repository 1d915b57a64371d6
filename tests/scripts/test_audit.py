"""What an audit says: what could not be looked up is never told as sound."""

from __future__ import annotations

import json

import pytest

from scripts.audit import TOLD, UNKNOWN, VULNERABLE, read_npm, read_pip

SOUND = {"name": "fastapi", "version": "0.165.0", "vulns": []}
BAD = {"name": "old", "version": "1.0", "vulns": [{"id": "CVE-2026-1", "fix_versions": ["1.1"]}]}
SKIPPED = {"name": "private", "skip_reason": "Dependency not found on PyPI and could not be audited: private (1.0)"}


def pip(*packages):
    return read_pip(json.dumps({"dependencies": packages, "fixes": []}), "")


def test_packages_without_known_problems_are_sound():
    audit = pip(SOUND)
    assert (audit.exit_code, audit.lines()) == (0, ["Python: 1 looked up, 0 problems, 0 not looked up"])


def test_known_problem_is_told_with_its_id():
    audit = pip(SOUND, BAD, SKIPPED)
    assert audit.exit_code == VULNERABLE
    assert "  old 1.0: CVE-2026-1" in audit.lines()


def test_package_that_was_not_looked_up_is_no_good_news():
    audit = pip(SOUND, SKIPPED)
    assert audit.exit_code == UNKNOWN
    assert audit.lines()[1:] == [f"  {SKIPPED['skip_reason']}"]


def test_many_that_were_not_looked_up_are_counted():
    audit = pip(*[SKIPPED] * (TOLD + 2))
    assert audit.lines()[-1] == "  and 2 more"


def test_audit_of_nothing_is_no_good_news():
    assert pip().exit_code == UNKNOWN


@pytest.mark.parametrize(
    ("complaint", "told"), [("", "it said nothing"), ("Traceback\nno such host\n", "no such host")]
)
def test_tool_that_fails_is_told_with_its_last_line(complaint, told):
    for audit in (read_pip("", complaint), read_npm("tests", "", complaint)):
        assert audit.exit_code == UNKNOWN
        assert audit.unknown[0].endswith(told)


def test_npm_without_a_database_says_why():
    audit = read_npm("tests", json.dumps({"message": "405 Method Not Allowed"}), "npm error")
    assert (audit.exit_code, audit.unknown) == (UNKNOWN, ("npm audit failed: 405 Method Not Allowed",))


@pytest.mark.parametrize(
    ("bad", "code", "told"),
    [({}, 0, ()), ({"old": {"range": "<2", "severity": "high"}}, VULNERABLE, ("old <2: high",))],
)
def test_npm_names_what_is_vulnerable(bad, code, told):
    audit = read_npm("tests", json.dumps({"vulnerabilities": bad, "metadata": {"dependencies": {"total": 30}}}), "")
    assert (audit.exit_code, audit.looked_up, audit.known) == (code, 30, told)
