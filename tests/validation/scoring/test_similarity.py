"""Scores, told from embeddings."""

import math

import pytest

from comfy_gen.validation.scoring.similarity import Score, score_of, similarity


@pytest.mark.parametrize(
    ("one", "other", "cosine"),
    [
        ((1.0, 0.0), (1.0, 0.0), 1.0),
        ((1.0, 0.0), (0.6, 0.8), 0.6),
        ((1.0, 0.0), (0.0, 1.0), 0.0),
        ((1.0, 0.0), (-1.0, 0.0), 0.0),
        ((1.0, 1e-3), (1.0, 0.0), 1.0),
        ((math.nan, 1.0), (1.0, 0.0), 0.0),
    ],
)
def test_a_similarity_is_the_cosine_and_never_below_0_or_above_1(one, other, cosine):
    assert similarity(one, other) == cosine


def test_a_score_has_a_delta_where_there_is_a_negative_prompt():
    assert score_of(0.5, 0.125) == Score(0.5, 0.125, 0.375)
    assert score_of(0.25, 0.5).delta == -0.25
    assert score_of(0.5) == Score(0.5, None, None)
