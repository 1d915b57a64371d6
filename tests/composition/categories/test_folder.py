import pytest

from comfy_gen.composition import files
from comfy_gen.composition.categories.folder import NOTHING, look, read_file
from comfy_gen.errors import CategoryFileError
from tests.composition.builders import text_of, write


def ids(contents):
    return list(contents.marked)


def test_files_are_found_in_folders_too(tmp_path):
    (tmp_path / "animals" / ".old").mkdir(parents=True)
    write(tmp_path / "animals", "fox")
    write(tmp_path / "animals" / ".old", "hidden")
    write(tmp_path, ".part-1")
    (tmp_path / "dog.yml").write_text(text_of("dog"), encoding="utf-8")
    (tmp_path / "notes.txt").write_text("none", encoding="utf-8")
    contents = look(tmp_path)
    assert sorted(ids(contents)) == ["dog", "fox"]
    assert contents.problems == ()


def test_unchanged_folder_is_the_same_object(tmp_path):
    write(tmp_path)
    before = look(tmp_path)
    assert look(tmp_path, before) is before
    assert look(tmp_path / "empty", look(tmp_path / "empty")) == look(tmp_path / "empty")


def test_empty_folder_is_nothing(tmp_path):
    assert look(tmp_path) is NOTHING


def test_only_what_changed_is_read_again(tmp_path):
    kept, changed = write(tmp_path, "fox"), write(tmp_path, "dog")
    before = look(tmp_path)
    write(tmp_path, "dog", "icon: pets\n", seconds=9)
    after = look(tmp_path, before)
    assert after.files[kept] is before.files[kept]
    assert after.files[changed].marked.category.icon == "pets"


def test_removed_file_is_gone(tmp_path):
    path = write(tmp_path)
    before = look(tmp_path)
    path.unlink()
    assert ids(look(tmp_path, before)) == []


def test_broken_file_counts_as_it_was(tmp_path):
    path = write(tmp_path, more="icon: pets\n")
    before = look(tmp_path)
    write(tmp_path, more="icon: [\n", seconds=9)
    after = look(tmp_path, before)
    assert after.marked["fox"].category.icon == "pets"
    assert after.problems[0].startswith(f"{path}, line 7: it is not YAML")
    write(tmp_path, more="icon: house\n", seconds=10)
    mended = look(tmp_path, after)
    assert (mended.marked["fox"].category.icon, mended.problems) == ("house", ())


def test_file_that_was_never_right_is_left_out(tmp_path):
    write(tmp_path, more="colour: red\n")
    write(tmp_path, "dog")
    contents = look(tmp_path)
    assert ids(contents) == ["dog"]
    assert len(contents.problems) == 1


def test_of_two_files_with_one_id_the_first_counts(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, more=f"icon: {name}\n")
    contents = look(tmp_path)
    assert contents.marked["fox"].category.icon == "a"
    first, second = tmp_path / "a" / "fox.yaml", tmp_path / "b" / "fox.yaml"
    assert contents.problems == (f"{second}: the id 'fox' is that of {first} too, which counts",)


def test_missing_folder_is_a_problem(tmp_path):
    contents = look(tmp_path / "gone")
    assert contents.problems == (f"{tmp_path / 'gone'}: it cannot be read: No such file or directory",)
    assert ids(contents) == []


def test_more_files_than_can_be_meant_are_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "MOST", 1)
    write(tmp_path, "ant")
    write(tmp_path, "bee")
    contents = look(tmp_path)
    assert ids(contents) == ["ant"]
    assert contents.problems == (f"{tmp_path}: it has 2 files, and the first 1 are read",)


def test_link_that_leads_out_is_left_out(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "fox.yaml").symlink_to(write(tmp_path, "fox"))
    contents = look(tmp_path / "own")
    assert ids(contents) == []
    assert contents.problems == (f"{tmp_path / 'own' / 'fox.yaml'}: it is a link that leads out of the folder",)


def test_link_to_nowhere_is_no_file(tmp_path):
    (tmp_path / "fox.yaml").symlink_to(tmp_path / "gone")
    assert look(tmp_path) is NOTHING


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id: fox\nicon: \xff\n", ", line 2: it is not UTF-8 text"),
        (b"\xc3\xa4" * 40_000, ": it is larger than 64 KiB"),
    ],
)
def test_bytes_that_are_no_text_are_told(tmp_path, content, said):
    path = tmp_path / "fox.yaml"
    path.write_bytes(content)
    with pytest.raises(CategoryFileError) as caught:
        read_file(path)
    assert caught.value.problems == (f"{path}{said}",)


def test_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CategoryFileError, match="it cannot be read: No such file"):
        read_file(tmp_path / "fox.yaml")
