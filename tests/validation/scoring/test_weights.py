"""Where the weights of a scoring model are found: with folders, and with a hub that lives in this process."""

import functools
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from comfy_gen.errors import ScoringModelError
from comfy_gen.validation.scoring.weights import Weights, find, is_folder, missing_part, needed
from tests.tiny_clip import tiny_clip

__all__ = ["tiny_clip"]

SHA = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def folder(tiny_clip, tmp_path):
    return Path(shutil.copytree(tiny_clip, tmp_path / "model"))


def test_a_folder_is_found(folder, monkeypatch):
    assert find(str(folder)) == Weights(folder, "clip")
    monkeypatch.chdir(folder.parent)
    assert find("model") == Weights(Path("model"), "clip")


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("openai/clip-vit-base-patch32", False),
        ("gpt2", False),
        ("./clip", True),
        ("../clip", True),
        ("/models/clip", True),
        ("~/clip", True),
        ("models/openai/clip", True),
        ("C:\\models\\clip", True),
    ],
)
def test_a_path_is_told_from_a_name_on_the_hub(name, is_one):
    assert is_folder(name) is is_one


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("config.json", "the folder has no config.json"),
        ("model.safetensors", "the folder has no weights (model.safetensors or model.safetensors.index.json)"),
        ("tokenizer.json", "the folder has no tokenizer (tokenizer.json or vocab.json)"),
        (
            "processor_config.json",
            "the folder has no picture processor (preprocessor_config.json or processor_config.json)",
        ),
    ],
)
def test_a_folder_that_lacks_something_is_refused(folder, file, reason):
    (folder / file).unlink()
    with pytest.raises(ScoringModelError) as raised:
        find(str(folder))
    assert reason in str(raised.value)
    assert raised.value.is_local


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ('{"model_type": "bert"}', "neither a CLIP nor a SigLIP, but of type 'bert'"),
        ("{}", "neither a CLIP nor a SigLIP"),
        ("[]", "neither a CLIP nor a SigLIP"),
        ('{"model_type": ["clip"]}', "neither a CLIP nor a SigLIP"),
        ('{"model_type": "cl', "its config.json cannot be read"),
        ("\udcff", "its config.json cannot be read"),
    ],
)
def test_what_is_something_else_is_refused(folder, config, reason):
    (folder / "config.json").write_text(config, errors="surrogateescape")
    with pytest.raises(ScoringModelError, match=reason):
        find(str(folder))


def test_of_a_repository_the_weights_are_needed_once():
    files = [
        "README.md",
        "config.json",
        "vocab.json",
        "merges.txt",
        "tf_model.h5",
        "flax_model.msgpack",
        "onnx/model.onnx",
    ]
    both = [*files, "pytorch_model.bin", "model.safetensors", "onnx/config.json"]
    assert needed(both) == ["config.json", "merges.txt", "model.safetensors", "vocab.json"]
    assert needed([*files, "pytorch_model.bin"]) == ["config.json", "merges.txt", "pytorch_model.bin", "vocab.json"]
    assert needed(["model-00001-of-00002.safetensors", "model.safetensors.index.json", "spiece.model"]) == [
        "model-00001-of-00002.safetensors",
        "model.safetensors.index.json",
        "spiece.model",
    ]


class Hub(http.server.BaseHTTPRequestHandler):
    """Answers as Hugging Face does, for one model of one folder."""

    protocol_version = "HTTP/1.1"

    def __init__(self, folder, asked, *arguments):
        self.folder, self.asked = folder, asked
        super().__init__(*arguments)

    def do_GET(self):
        path = self.path.partition("?")[0]
        self.asked.append(f"{self.command} {path}")
        files = sorted(self.folder.iterdir())
        if path.startswith("/api/models/some/clip/tree/"):
            self.answer([{"type": "file", "path": f.name, "size": f.stat().st_size, "oid": f.name} for f in files])
        elif path.startswith("/api/models/some/clip"):
            self.answer({"id": "some/clip", "sha": SHA, "siblings": [{"rfilename": f.name} for f in files]})
        elif path.startswith("/some/clip/resolve/"):
            self.send((self.folder / Path(path).name).read_bytes(), ETag=f'"{Path(path).name}"')
        elif "gated" in path:
            self.send(b"{}", 403, **{"X-Error-Code": "GatedRepo"})
        else:
            self.send(b"{}", 401, **{"X-Error-Code": "RepoNotFound"})

    do_HEAD = do_GET  # noqa: N815  # the name that is looked for

    def answer(self, content):
        self.send(json.dumps(content).encode())

    def send(self, content, status=200, **headers):
        self.send_response(status)
        for name, value in {"X-Repo-Commit": SHA, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, format, *args):  # noqa: A002  # as it is called
        pass


@pytest.fixture
def asked():
    return []


@pytest.fixture
def hub(folder, asked):
    (folder / "tf_model.h5").write_bytes(b"not needed")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Hub, folder, asked)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def run(home, endpoint, model, **more):
    """Look for a model in a process of its own: the hub's client reads the environment when it is imported."""
    script = (
        "from comfy_gen.validation.scoring.weights import find; from comfy_gen.errors import ScoringModelError\n"
        f"try: print(find({model!r}).folder)\n"
        "except ScoringModelError as error: print(error, error.is_local)"
    )
    unset = {"HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_TOKEN", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"HF_HOME": str(home), "HF_ENDPOINT": endpoint, "HF_HUB_DISABLE_XET": "1", **more}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment, timeout=60
    )
    assert done.stderr == ""
    return done.stdout.strip()


def test_a_name_is_fetched_once_and_without_a_word(hub, asked, tmp_path):
    found = Path(run(tmp_path / "home", hub, "some/clip"))
    assert missing_part(found) == ""
    assert not (found / "tf_model.h5").exists()
    asked.clear()
    assert Path(run(tmp_path / "home", hub, "some/clip")) == found
    assert asked == []


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ("some/other", "Hugging Face has no such model, or not for everybody"),
        ("some/gated", "its owner asks for a login"),
    ],
)
def test_what_the_hub_does_not_give_is_said_in_words(hub, tmp_path, model, reason):
    assert reason in run(tmp_path, hub, model)


def test_without_a_connection_it_is_said_at_once(tmp_path):
    said = run(tmp_path, "http://127.0.0.1:9", "some/clip")
    assert "Hugging Face does not give it (" in said
    assert said.endswith("False")


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_nothing_is_asked(hub, asked, tmp_path, variable):
    assert run(tmp_path, hub, "some/clip", **{variable: "1"}).endswith("nothing may be fetched now True")
    assert asked == []


def test_what_is_no_name_at_all_is_refused(tmp_path, hub, asked):
    assert "no name on Hugging Face either" in run(tmp_path, hub, "no such/thing, surely")
    assert asked == []


def test_offline_can_be_asked_for():
    with pytest.raises(ScoringModelError, match="nothing may be fetched now"):
        find("nobody/has-fetched-this-one", offline=True)
