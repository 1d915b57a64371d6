"""Which tier a request has."""

from __future__ import annotations

import pytest

from comfy_gen.app.caller import ALL_SCOPES, Caller
from comfy_gen.app.tiers import Allowed, allowed
from comfy_gen.composition.tier import Tier
from comfy_gen.config import PolicyOptions

GENERAL, MATURE, EXPLICIT = Tier


@pytest.mark.parametrize(
    ("body", "header", "tier"),
    [(None, None, MATURE), (GENERAL, None, GENERAL), (None, EXPLICIT, EXPLICIT), (GENERAL, EXPLICIT, GENERAL)],
)
def test_body_goes_before_header_and_header_before_what_is_set(body, header, tier):
    caller = Caller("ann", ALL_SCOPES, tier=EXPLICIT)
    options = PolicyOptions(tier="mature", max_tier="explicit")
    assert allowed(caller, options, body or header) == Allowed(tier, EXPLICIT)


@pytest.mark.parametrize(("of_key", "most"), [("general", "explicit"), ("explicit", "general")])
def test_nobody_gets_more_than_they_may_and_whoever_asked_for_it_is_told(of_key, most):
    caller, options = Caller("ann", ALL_SCOPES, tier=Tier(of_key)), PolicyOptions(tier="mature", max_tier=most)
    assert allowed(caller, options, None) == Allowed(GENERAL, GENERAL)
    asked = allowed(caller, options, EXPLICIT)
    assert asked == Allowed(GENERAL, GENERAL, "the tier is general: this caller may not have explicit")
