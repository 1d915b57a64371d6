from comfy_gen.pipeline.artifact import artifact_id

JOB = "6f1f0f6e-55a4-4c9b-8a3e-0d3b0a1c2d3e"


def test_same_output_always_has_the_same_id():
    assert artifact_id(JOB, "9", "images", 0) == artifact_id(JOB, "9", "images", 0)


def test_every_other_output_has_another():
    others = [(JOB, "9", "images", 1), (JOB, "9", "gifs", 0), (JOB, "57:8", "images", 0), (JOB[::-1], "9", "images", 0)]
    others[-1] = (JOB.replace("6f1f", "7f1f"), "9", "images", 0)
    assert len({artifact_id(*one) for one in [(JOB, "9", "images", 0), *others]}) == 5
