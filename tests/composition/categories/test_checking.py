from comfy_gen.composition.categories.checking import check
from comfy_gen.composition.categories.registry import Registry
from tests.composition.builders import category, write

KNOWN = Registry.of([category("night"), category("wolf", requires=("gone",))])


def test_files_and_folders_are_checked(tmp_path):
    (tmp_path / "more").mkdir()
    write(tmp_path / "more", "dog")
    fox = write(tmp_path, "fox", "composition: {requires: [night, dog]}\n")
    assert check([fox, tmp_path / "more"], KNOWN) == (("dog", "fox"), ())


def test_problems_of_others_are_not_told(tmp_path):
    fox = write(tmp_path, "fox", "composition:\n  requires: [nigth]\n")
    said = "composition.requires has 'nigth', and there is no such category; the nearest is night"
    assert check([fox], KNOWN).problems == (f"{fox}, line 7: {said}",)


def test_what_takes_the_place_of_a_known_one_is_checked_instead(tmp_path):
    wolf = write(tmp_path, "wolf", "composition: {requires: [gone]}\n")
    assert len(check([wolf], KNOWN).problems) == 1
    assert check([write(tmp_path, "wolf")], KNOWN).problems == ()


def test_unreadable_file_is_a_problem(tmp_path):
    found = check([tmp_path / "gone.yaml"], KNOWN)
    assert found.categories == ()
    assert found.problems == (f"{tmp_path / 'gone.yaml'}: it cannot be read: No such file or directory",)
