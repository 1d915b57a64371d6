"""What who asks may do."""

from __future__ import annotations

import pytest

from comfy_gen.app.caller import Caller, Scope


def caller(*scopes, owner="anna"):
    return Caller(owner, frozenset(scopes))


@pytest.mark.parametrize("scope", list(Scope))
def test_admin_may_everything(scope):
    assert caller(Scope.ADMIN).may(scope)


def test_others_may_what_they_were_given():
    assert caller(Scope.READ).may(Scope.READ)
    assert not caller(Scope.READ).may(Scope.GENERATE)
    assert not caller(Scope.READ, Scope.GENERATE).may(Scope.ADMIN)
    assert not caller().may(Scope.READ)


def test_jobs_of_others_are_for_admins():
    assert caller(Scope.READ).owns("anna")
    assert not caller(Scope.READ, Scope.GENERATE).owns("bob")
    assert not caller(Scope.READ).owns("")
    assert caller(Scope.ADMIN).owns("bob")
