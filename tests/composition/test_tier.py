import pytest

from comfy_gen.composition.tier import Tier, highest, lowest


@pytest.mark.parametrize(
    ("tier", "allowed"),
    [
        (Tier.GENERAL, [Tier.GENERAL]),
        (Tier.MATURE, [Tier.GENERAL, Tier.MATURE]),
        (Tier.EXPLICIT, [Tier.GENERAL, Tier.MATURE, Tier.EXPLICIT]),
    ],
)
def test_tier_allows_what_those_before_it_allow(tier, allowed):
    assert [other for other in Tier if tier.allows(other)] == allowed


def test_of_several_tiers_the_narrowest_and_the_widest_are_known():
    assert lowest(Tier.EXPLICIT, Tier.GENERAL, Tier.MATURE) is Tier.GENERAL
    assert highest(Tier.GENERAL, Tier.EXPLICIT, Tier.MATURE) is Tier.EXPLICIT
