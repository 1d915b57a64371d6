from comfy_gen.jobs.previews import MOST, Previews


def test_latest_frame_takes_the_place_of_the_one_before():
    told = []
    now = iter([0.0, 0.1, 0.3])
    previews = Previews(told.append, clock=lambda: next(now))
    previews.put("a", b"1", "image/jpeg")
    previews.put("a", b"x", "image/jpeg")  # too soon for anybody to be told
    previews.put("a", b"2", "image/png")
    latest = previews.latest("a")
    assert (latest.image, latest.media_type, told) == (b"2", "image/png", ["a", "a"])
    assert latest.number == 3


def test_frames_are_forgotten_with_their_job_and_the_oldest_where_there_are_too_many():
    previews = Previews(lambda _: None)
    previews.put("a", b"1", "image/jpeg")
    previews.drop("a")
    previews.drop("never")
    assert previews.latest("a") is None
    for number in range(MOST + 1):
        previews.put(str(number), b"x", "image/jpeg")
    assert previews.latest("0") is None
    assert previews.latest("1") is not None
