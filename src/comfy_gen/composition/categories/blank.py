"""The text that a new category begins as: right as it stands, with every field that it may have told of. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from comfy_gen.composition.categories.category import SCHEMA_VERSION, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

_PRIORITIES: Mapping[Kind, int] = {Kind.SUBJECT: 70, Kind.SETTING: 50, Kind.MODIFIER: 35, Kind.STYLE: 60}
"""In the middle of where those that ship are."""
_TEXT = """\
# The category @{id}. Lines that begin with # are left out; docs/categories.md tells of each field.
id: {plain_id}
type: {type}                   # subject: what it shows | setting: where | modifier: light, weather, lens | style
display_name: {name}
description: Say in one sentence what it is for.
icon: category                  # a name of Material Symbols
schema_version: {version}
policy_tier: general            # general | mature | explicit

keywords:                       # lower case, singular: plurals, other forms and typos are found by themselves
  primary: [{word}]             # words that mean just this
  # secondary: [hint]           # words that hint at it, and may well mean something else
  # specific: [a whole phrase]  # phrases that leave no doubt

prompts:
  positive_fragments:           # each part that stands between commas in a prompt is an entry
    required: []                # always added
    optional: []                # added while there is room
  negative_fragments:           # what the picture should not have, where the workflow can be told
    required: []
    optional: []

# loras:
#   required: []
#   recommended:
#     - filename: add-detail-xl.safetensors
#       strength: 0.4           # from -2 to 2
#       triggers: []            # words that the prompt must have for it to work
#       when: {{families: [sdxl]}}  # also: workflows, categories (one of these is used too), without (none is)
#   avoid: []                   # files that spoil it, whoever wants them

# settings:                     # what others want is kept within these bounds, too
#   steps: {{min: 24, max: 60, default: 32}}
#   cfg: {{min: 5.0, max: 9.0, default: 6.5}}
#   size: {{aspect_ratio: "3:4"}}  # width to height
#   sampler: dpmpp_2m
#   scheduler: karras
#   denoise: {{min: 0.4, max: 0.8, default: 0.6}}  # where there is a picture to start from

# workflows:
#   preferred: [sdxl, flux-dev]
#   required_capabilities: []   # negative-prompt | loras | cfg | size | seed | video
#   excluded: []

# models:
#   preferred: [sd_xl_base_1.0.safetensors]  # checkpoints, the best first

composition:
  priority: {priority}                  # 0 to 100: of two that conflict the one with more is kept
  # conflicts_with: []          # ids that cannot be meant together with it
  # requires: []                # ids that come along
  # enhances: []                # ids that go well with it
  # max_per_type: 1             # so many of its type at most where it is used
"""


def blank(category_id: str, kind: Kind) -> str:
    """Return the text of a new category; `reading.ID_FORM` says what an id is."""
    words = category_id.replace("-", " ").strip()
    return _TEXT.format(
        id=category_id,
        plain_id=_plain(category_id),
        type=kind,
        name=_plain(words.capitalize()),
        word=_plain(words),
        priority=_PRIORITIES[kind],
        version=SCHEMA_VERSION,
    )


def _plain(text: str) -> str:
    """Return a text as YAML takes it for one: in quotes where it would be a number or a truth value."""
    return text if yaml.safe_load(text) == text else f'"{text}"'
