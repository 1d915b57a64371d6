import pytest

from comfy_gen.errors import InvalidParameterError
from comfy_gen.storage.store import MAX_KEY, check_key


@pytest.mark.parametrize("key", ["a", "ab/cd/x.png", "0f-1/x_y.small.webp", "x" * MAX_KEY])
def test_key_of_plain_words_is_returned(key):
    assert check_key(key) == key


@pytest.mark.parametrize("key", ["", ".", "..", "/a", "a/", "a/../b", "a/./b", "a\n", "x" * (MAX_KEY + 1)])
def test_key_that_may_mean_something_to_a_disk_is_refused(key):
    with pytest.raises(InvalidParameterError, match="storage key"):
        check_key(key)
