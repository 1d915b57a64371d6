import os

from comfy_gen.composition import files
from comfy_gen.composition.files import files_of


def names(found):
    return [path.name for path in found.stamps]


def test_files_are_in_the_order_of_their_paths_without_what_is_hidden(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / ".git").mkdir()
    for name in ("b/a.txt", "c.txt", "a.txt", ".part.txt", ".git/x.txt", "notes.md", "txt"):
        (tmp_path / name).write_text("x")
    found = files_of(tmp_path, (".txt",))
    assert [path.relative_to(tmp_path).as_posix() for path in found.stamps] == ["a.txt", "b/a.txt", "c.txt"]
    assert found.troubles == ()


def test_a_file_that_changes_has_another_stamp(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("x")
    before = files_of(tmp_path, (".txt",))
    assert files_of(tmp_path, (".txt",)) == before
    os.utime(path, (5, 5))
    assert files_of(tmp_path, (".txt",)).stamps[path] != before.stamps[path]


def test_links_out_of_the_folder_and_pipes_are_left_out_and_told(tmp_path):
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.mkdir()
    folder.mkdir()
    (outside / "secret.txt").write_text("x")
    (folder / "good.txt").write_text("x")
    (folder / "alias.txt").symlink_to(folder / "good.txt")
    (folder / "secret.txt").symlink_to(outside / "secret.txt")
    (folder / "broken.txt").symlink_to(outside / "none.txt")
    (folder / "all").symlink_to(outside)
    os.mkfifo(folder / "pipe.txt")
    found = files_of(folder, (".txt",))
    assert names(found) == ["alias.txt", "good.txt"]
    assert found.troubles == (
        f"{folder / 'pipe.txt'}: it is no file",
        f"{folder / 'secret.txt'}: it is a link that leads out of the folder",
    )


def test_a_folder_that_is_itself_a_link_is_read(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.txt").write_text("x")
    (tmp_path / "real" / "b.txt").symlink_to("a.txt")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert names(files_of(tmp_path / "link", (".txt",))) == ["a.txt", "b.txt"]


def test_what_is_beyond_the_bound_is_left_out_and_told(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST", 1)
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("x")
    found = files_of(tmp_path, (".txt",))
    assert names(found) == ["a.txt"]
    assert found.troubles == (f"{tmp_path}: it has 2 files, and the first 1 are read",)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    assert files_of(tmp_path / "gone", (".txt",)).troubles == (
        f"{tmp_path / 'gone'}: it cannot be read: No such file or directory",
    )
