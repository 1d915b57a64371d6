from comfy_gen.api.dialects.comfy.moments import moment


def test_moment_is_in_utc_with_a_z_and_milliseconds():
    assert moment(0) == "1970-01-01T00:00:00.000Z"
    assert moment(1_795_000_000.1239) == "2026-11-18T11:06:40.123Z"
