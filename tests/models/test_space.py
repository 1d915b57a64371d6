from __future__ import annotations

import shutil

import pytest

from comfy_gen.errors import DiskSpaceError
from comfy_gen.models.space import check_space


def test_what_fits_is_let_be(tmp_path):
    check_space([(tmp_path / "not" / "there", 1), (tmp_path, 0)])
    check_space([])


def test_files_that_fit_alone_may_not_fit_together(tmp_path):
    most = int(shutil.disk_usage(tmp_path).free * 0.7)
    check_space([(tmp_path / "vae", most)])
    with pytest.raises(DiskSpaceError) as raised:
        check_space([(tmp_path / "vae", most), (tmp_path / "loras", most)])
    assert raised.value.needed == 2 * most
    assert raised.value.path == tmp_path
