# SPDX-License-Identifier: GPL-3.0-or-later
"""A pipeline on a hub of this machine: its card, its download by consent, and what is refused."""

import hashlib
import json
from http.client import IncompleteRead

import pytest

from blender_text3d.engine.weights.cli import FAILED, OK, USAGE_ERROR, run
from blender_text3d.engine.weights.download.retry_policy import RetryPolicy
from blender_text3d.engine.weights.errors import DownloadFailed
from blender_text3d.engine.weights.hub.card import read_card
from blender_text3d.engine.weights.hub.fetch import fetch_pipeline, pipeline_sha256
from blender_text3d.system.hub_names import hub_folder, is_downloaded, is_hub_name
from tests.engine.weights.run_steps import run_steps

NAME, REVISION = "somebody/tiny-pipeline", "a" * 40
INDEX = {
    "_class_name": "TinyPipeline",
    "unet": ["diffusers", "UNet"],
    "scheduler": ["diffusers", "Own"],
    "n": [None] * 2,
}


class Hub:
    """The parts of a hub that a card and a download need, on the faulty server."""

    def __init__(self, server, weights):
        self.server, self.entries, self.description = server, [], {}
        header = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
        self.tensors = len(header).to_bytes(8, "little") + header + bytes(4)
        self.offer("model_index.json", json.dumps(INDEX).encode())
        self.offer("unet/config.json", b"{}")
        self.offer("unet/net.py", b"raise SystemExit")
        self.offer("unet/diffusion_pytorch_model.safetensors", self.tensors, is_large=True)
        self.offer("scheduler/scheduler_config.json", b'{"steps": 1}')
        self.offer("other/model.safetensors", self.tensors, is_large=True)
        self.offer("README.md", b"# Tiny")
        self.describe(cardData={"license": "openrail++"}, gated=False)

    def offer(self, path, body, is_large=False):
        self.server.put(f"/{NAME}/resolve/{REVISION}/{path}", body)
        lfs = {"lfs": {"sha256": hashlib.sha256(body).hexdigest(), "size": len(body)}} if is_large else {}
        self.entries = [entry for entry in self.entries if entry["rfilename"] != path]
        self.entries.append({"rfilename": path, "size": len(body), **lfs})

    def describe(self, **facts):
        self.description |= {"sha": REVISION, "siblings": self.entries, **facts}
        self.server.put(f"/api/models/{NAME}?blobs=true", json.dumps(self.description).encode())

    def requested(self):
        return [path.rpartition(f"{REVISION}/")[2] for path, _ in self.server.requests if REVISION in path]


@pytest.fixture
def hub(server, weights, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", server.put("/", b"").rstrip("/"))
    return Hub(server, weights)


def card_of(hub):
    return read_card(NAME, RetryPolicy(timeout_s=600.0, max_tries=1, pause_s=0.0, update_every_s=0.0))


def test_the_card_tells_license_class_and_size_and_downloads_no_weights(hub):
    card = card_of(hub)
    assert (card.license, card.class_name, card.revision) == ("openrail++", "TinyPipeline", REVISION)
    assert [file.path for file in card.files] == [
        "model_index.json",
        "unet/config.json",
        "unet/diffusion_pytorch_model.safetensors",
        "scheduler/scheduler_config.json",
    ]
    assert card.size == sum(file.size for file in card.files)
    assert hub.requested() == ["model_index.json"]


def test_a_card_without_a_license_says_so(hub):
    hub.describe(cardData=None)
    assert card_of(hub).license == "none given"


def test_a_pipeline_is_downloaded_with_hashes_and_without_code(hub, weights_dir, quick):
    updates, folder = run_steps(fetch_pipeline(card_of(hub), weights_dir, quick))
    assert folder == hub_folder(NAME, weights_dir)
    assert is_downloaded(NAME, weights_dir)
    assert (folder / "unet" / "diffusion_pytorch_model.safetensors").read_bytes() == hub.tensors
    assert list(folder.rglob("*.py")) == []
    assert pipeline_sha256(folder)
    assert [updates[-1].stage, updates[-1].done_bytes] == ["ready", updates[-1].of_bytes]
    before = len(hub.server.requests)
    run_steps(fetch_pipeline(card_of(hub), weights_dir, quick))
    assert "unet/diffusion_pytorch_model.safetensors" not in [
        path.rpartition("/resolve/")[2][len(REVISION) + 1 :] for path, _ in hub.server.requests[before:]
    ]


def test_a_small_file_of_another_commit_replaces_one_of_the_same_size(hub, weights_dir, quick):
    _, folder = run_steps(fetch_pipeline(card_of(hub), weights_dir, quick))
    hub.offer("scheduler/scheduler_config.json", b'{"steps": 2}')
    hub.describe()
    run_steps(fetch_pipeline(card_of(hub), weights_dir, quick))
    assert (folder / "scheduler" / "scheduler_config.json").read_bytes() == b'{"steps": 2}'


@pytest.mark.parametrize("error", [TimeoutError("timed out"), IncompleteRead(b"")])
def test_a_connection_that_ends_within_a_small_file_is_told(hub, weights_dir, quick, monkeypatch, error):
    card = card_of(hub)

    def failing(*_arguments):
        raise error

    monkeypatch.setattr("http.client.HTTPResponse.read", failing)
    with pytest.raises(DownloadFailed, match="The hub could not be reached"):
        run_steps(fetch_pipeline(card, weights_dir, quick))
    with pytest.raises(DownloadFailed, match="The hub could not be reached"):
        card_of(hub)


def test_the_half_precision_files_are_taken_where_there_are_some(hub):
    hub.offer("unet/diffusion_pytorch_model.fp16.safetensors", hub.tensors, is_large=True)
    hub.offer("unet/diffusion_pytorch_model.non_ema.safetensors", hub.tensors, is_large=True)
    hub.describe()
    names = [file.path for file in card_of(hub).files if file.is_weights]
    assert names == ["unet/diffusion_pytorch_model.fp16.safetensors"]


def test_a_wrong_file_is_refused_and_the_pipeline_stays_incomplete(hub, weights_dir, quick):
    card = card_of(hub)
    hub.server.put(f"/{NAME}/resolve/{REVISION}/unet/diffusion_pytorch_model.safetensors", hub.tensors[:-1] + b"x")
    with pytest.raises(DownloadFailed, match="gave a wrong file"):
        run_steps(fetch_pipeline(card, weights_dir, quick))
    assert not is_downloaded(NAME, weights_dir)
    hub.server.put(f"/{NAME}/resolve/{REVISION}/unet/config.json", b"{ }")
    (hub_folder(NAME, weights_dir) / "unet" / "config.json").unlink()
    with pytest.raises(DownloadFailed, match=r"wrong unet/config\.json"):
        run_steps(fetch_pipeline(card, weights_dir, quick))


def test_pickled_weights_are_not_downloaded(hub):
    hub.entries = [entry for entry in hub.entries if not entry["rfilename"].startswith("unet/diff")]
    hub.offer("unet/diffusion_pytorch_model.bin", b"pickle", is_large=True)
    hub.describe()
    with pytest.raises(DownloadFailed, match="The weights of unet in somebody/tiny-pipeline are pickled"):
        card_of(hub)


@pytest.mark.parametrize("gated", ["auto", "manual", True])
def test_a_gated_pipeline_is_told(hub, gated):
    hub.describe(gated=gated)
    with pytest.raises(DownloadFailed, match="asks for an account and an accepted license"):
        card_of(hub)


@pytest.mark.parametrize(
    "path", ["../../evil.json", "unet/../evil.json", "unet/a/b.json", "/etc/x.json", "unet/CON.json"]
)
def test_paths_that_leave_the_folder_are_left_out(hub, path):
    hub.offer(path, b"{}")
    hub.describe()
    assert path not in [file.path for file in card_of(hub).files]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"sha": "../x", "siblings": []}', b'{"sha": 1}'])
def test_a_description_that_is_none_is_refused(hub, body):
    hub.server.put(f"/api/models/{NAME}?blobs=true", body)
    with pytest.raises(DownloadFailed, match=NAME):
        card_of(hub)


def test_a_name_that_the_hub_does_not_have_is_told(hub):
    with pytest.raises(DownloadFailed, match="does not have the file"):
        read_card("nobody/nothing")


def test_without_a_network_the_sentence_says_what_to_do(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(
        DownloadFailed, match=r"could not be reached .* choose the folder of a pipeline on this machine"
    ):
        read_card(NAME)


@pytest.mark.parametrize(
    "name", ["owner", "a/b/c", "../x", "a/..", "/a", "a/", "a b/c", "https://x/y", "C:\\x\\y", "~/x", "a--b/c"]
)
def test_other_texts_are_no_hub_names(name):
    assert not is_hub_name(name)
    with pytest.raises(DownloadFailed, match="is not a hub name"):
        read_card(name)


def test_the_command_line_downloads_only_after_consent(hub, weights_dir, capsys):
    folder = ["--dir", str(weights_dir)]
    assert run([*folder, "card", NAME]) == OK
    assert "license openrail++" in capsys.readouterr().out
    assert run([*folder, "fetch", f"hub:{NAME}"]) == FAILED
    output = capsys.readouterr()
    assert "license openrail++" in output.out
    assert "--accept-license" in output.err
    assert "unet/diffusion_pytorch_model.safetensors" not in hub.requested()
    assert run([*folder, "fetch", "--accept-license", f"hub:{NAME}"]) == OK
    assert is_downloaded(NAME, weights_dir)
    assert run([*folder, "remove", f"hub:{NAME}"]) == OK
    assert not hub_folder(NAME, weights_dir).exists()
    assert run([*folder, "fetch", "hub:wrong"]) == USAGE_ERROR


def test_the_card_is_a_line_of_json_for_programs(hub, capsys):
    assert run(["--json", "card", f"hub:{NAME}"]) == OK
    (line,) = capsys.readouterr().out.splitlines()
    card = json.loads(line)
    assert (card["stage"], card["license"]) == ("card", "openrail++")
    assert card["bytes"] > 0
