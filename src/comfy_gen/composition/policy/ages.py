"""Finds ages under eighteen in a text: ``12 year old``, ``12yo``, ``girl (14)``, ``sixth grader``. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from comfy_gen.composition.policy.disguises import plain

if TYPE_CHECKING:
    from collections.abc import Iterable

_FROM_FIVE = "five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
_AGE = rf"(?:0?[0-9]|1[0-7]|one|two|three|four|{_FROM_FIVE})"
_SURE_AGE = rf"(?:0?[5-9]|1[0-7]|{_FROM_FIVE})"
"""Below that a number is more likely a count."""
_THINGS = "|".join(
    (
        *("bourbon", "building", "car", "cheddar", "cognac", "company", "computer", "house", "laptop", "marriage"),
        *("motorcycle", "port", "relationship", "rum", "scotch", "tree", "vintage", "whiskey", "whisky", "wine"),
    )
)
_NO_THING = rf"(?! (?:{_THINGS})s?\b)"
_NO_SPAN = r"(?! (?:ago|later|of experience|together|in|since|warranty|anniversary|after|before|married)\b)"
_GRADE = r"(?:1st|2nd|3rd|[4-9]th|1[0-2]th|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh)"

_AGED = re.compile(
    rf"\b(?:{_AGE} ?(?:years?|yrs?|y) ?(?:of age|olds?|young|o){_NO_THING}"
    rf"|(?<!for )(?<!after )(?<!past )(?<!last )(?<!over )(?<!within )(?<!every )(?<!married ){_AGE} ?(?:years?|yrs?)"
    rf"{_NO_SPAN}(?! ?(?:olds?|young|of age)\b)"
    rf"|\w+ (?:months?|weeks?|days?) old{_NO_THING}"
    rf"|age[ds]? (?:of |is )?{_AGE}"
    rf"|(?:under|below|younger than|less than|not yet) (?:the age of )?(?:{_AGE}|18|eighteen)"
    rf"|(?:she|he|girl|boy|who) (?:is |s |was |looks |turned |turns )(?:only |just |barely |about )?{_AGE}"
    rf"|(?:looks|looking) (?:like )?{_SURE_AGE}"
    rf"|early teens|{_SURE_AGE}f|{_GRADE} grade(?:r|rs)?)\b"
)
"""In words alone."""

_BARE = re.compile(
    rf"(?:\b(?:girl|boy|daughter|son|sister|brother|female|male)[ ,(\[-]+|[,;(\[] *){_SURE_AGE}"
    r" *(?=$|[,;.)\]\n](?!\d))"
)
"""A number alone after a comma, or after somebody; not a text that is a number, for texts may be settings."""


def has_minor_age(text: str, read: Iterable[str]) -> bool:
    """Tell whether a text says of somebody that they are under eighteen; ``read`` are its readings."""
    return any(_AGED.search(one) for one in read) or _BARE.search(plain(text)) is not None
