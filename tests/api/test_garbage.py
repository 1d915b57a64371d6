import gc

import pytest

from comfy_gen.api.garbage import THRESHOLDS, seldom_collecting


def test_collector_is_as_it_was_afterwards():
    usual = gc.get_threshold()
    with pytest.raises(ValueError, match="end"), seldom_collecting():
        assert gc.get_threshold() == THRESHOLDS
        assert gc.get_freeze_count() > 0
        raise ValueError("end")
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() == 0
