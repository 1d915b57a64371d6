"""``comfygen keys``: what people see of the keys of the HTTP service."""

from __future__ import annotations

import pytest

from comfy_gen.cli.completion import api_keys, scopes, tiers
from comfy_gen.cli.keys.table import limits, may
from comfy_gen.jobs.api_key import ApiKey, parse


@pytest.fixture
def keys(comfygen, tmp_path, monkeypatch):
    """The command line with a database of its own."""
    monkeypatch.setenv("COMFYGEN_JOBS_DATA_DIR", str(tmp_path / "data"))
    return lambda *arguments: comfygen("keys", *arguments)


def test_key_is_printed_alone_so_that_a_script_can_take_it(keys):
    said = keys("create", "anna")
    assert said.code == 0
    assert parse(said.out.strip())
    assert "anna" in said.err
    assert "shown this once" in said.err


def test_everything_that_is_said_of_a_key_is_kept(keys):
    options = ("--scope", "read", "--scope", "admin", "--owner", "studio", "--rate", "600/Minute", "--max-waiting", "5")
    made = keys("create", "anna", *options, "--json").json
    assert parse(made.pop("key"))[0] == made["key_id"]
    assert (made["owner"], made["scopes"], made["rate"], made["max_waiting"]) == (
        "studio",
        ["admin", "read"],
        "600/minute",
        5,
    )
    assert keys("list", "--json").json == {"keys": [made]}


def test_tier_of_a_key_is_kept_and_shown(keys):
    assert keys("create", "anna", "--json").json["tier"] == "general"
    made = keys("create", "bob", "--tier", "mature")
    assert "in the tier mature" in made.err
    assert [key["tier"] for key in keys("list", "--json").json["keys"]] == ["general", "mature"]
    assert "mature" in keys("list").out


def test_list_shows_no_secret(keys):
    secret = parse(keys("create", "anna", "--rate", "600/minute").out.strip())[1]
    said = keys("list")
    assert "anna" in said.out
    assert "generate, read" in said.out
    assert "600/minute" in said.out
    assert secret not in said.out + keys("list", "--json").out


def test_list_without_keys_says_how_to_make_one(keys):
    said = keys("list")
    assert (said.code, said.out) == (0, "")
    assert "comfygen keys create" in said.err


def test_revoked_key_is_only_listed_where_all_are_wanted(keys):
    keys("create", "anna")
    assert keys("revoke", "anna").out.startswith("The key anna (")
    assert keys("list", "--json").json == {"keys": []}
    assert "it is revoked" in keys("list", "--all").out
    assert keys("list", "--all", "--json").json["keys"][0]["revoked"]


def test_key_is_revoked_by_its_text(keys):
    text = keys("create", "anna").out.strip()
    assert keys("revoke", text, "--json").json["name"] == "anna"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("create", "x", "--scope", "fly"), "one of read, generate, admin"),
        (("create", "x", "--rate", "5/fortnight"), "NUMBER/second"),
        (("create", " x"), "printable"),
        (("create", "x", "--tier", "high"), "one of general, mature, explicit"),
        (("create", "x", "--max-waiting", "0"), "max-waiting"),
        (("revoke", "nobody"), "error[key_not_found]"),
    ],
)
def test_what_cannot_work_is_refused(keys, arguments, told):
    said = keys(*arguments)
    assert said.code == 2
    assert told in said.err
    assert keys("list", "--all", "--json").json == {"keys": []}


def test_name_that_is_taken_is_refused(keys):
    keys("create", "anna")
    assert "no other key" in keys("create", "anna").err


def test_names_of_good_keys_and_scopes_are_completed(keys):
    for name in ("anna", "anton", "bob"):
        keys("create", name, "--owner", "studio")
    keys("revoke", "anton")
    assert api_keys("an") == [("anna", "studio")]
    assert scopes("") == ["read", "generate", "admin"]
    assert scopes("g") == ["generate"]
    assert tiers("") == ["general", "mature", "explicit"]
    assert tiers("m") == ["mature"]


def test_limits_of_a_key_are_shown_and_a_revoked_one_may_nothing():
    key = ApiKey("a", "a", "a", frozenset({"read"}), 1.0, "", "5/minute", 1_000)
    assert (limits(key), may(key)) == ("5/minute, 1,000 waiting", "read")
    revoked = ApiKey("a", "a", "a", frozenset({"read"}), 1.0, "", revoked=2.0)
    assert (limits(revoked), may(revoked)) == ("", "nothing: it is revoked")
