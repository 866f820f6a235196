# SPDX-License-Identifier: GPL-3.0-or-later
"""The sources of a download and their order: mirrors, folders, redirects, proxies, certificates."""

import pytest

from blender_text3d.engine.weights.catalogue import CHECKPOINTS, OFFICIAL, Address, Checkpoint, CheckpointFile
from blender_text3d.engine.weights.download.fetch import fetch
from blender_text3d.engine.weights.download.source import Source, sources
from blender_text3d.engine.weights.errors import DownloadFailed
from tests.engine.weights.faulty_server import redirect
from tests.engine.weights.run_steps import run_steps

NOWHERE = "http://127.0.0.1:9/net.pt"


def test_the_official_address_comes_first_then_its_storage_then_the_hub():
    hosts = [source.url.split("/")[2] for source in sources(CHECKPOINTS["shap-e/text300M"])]
    assert hosts[:2] == ["openaipublic.azureedge.net", "openaipublic.blob.core.windows.net"]
    assert set(hosts[2:]) == {"huggingface.co"}


def test_the_users_own_mirror_is_tried_first(server, checkpoint_at, weights, weights_dir, quick):
    server.put("/mine/test/net.pt", weights)
    checkpoint = checkpoint_at(server.put("/official.pt", weights))
    run_steps(fetch(checkpoint, weights_dir, mirror=server.url + "/mine/", policy=quick))
    assert [path for path, _ in server.requests] == ["/mine/test/net.pt"]


@pytest.mark.parametrize("nested", ["test/net.pt", "net.pt"])
def test_the_users_own_folder_needs_no_network(checkpoint_at, weights, weights_dir, quick, tmp_path, nested):
    file = tmp_path / "mine" / nested
    file.parent.mkdir(parents=True)
    file.write_bytes(weights)
    _, local = run_steps(fetch(checkpoint_at(NOWHERE), weights_dir, mirror=str(tmp_path / "mine"), policy=quick))
    assert local.path.read_bytes() == file.read_bytes() == weights


def test_a_mirror_folder_without_the_file_is_named_and_the_next_source_tried(
    server, checkpoint_at, weights, weights_dir, quick, tmp_path
):
    checkpoint = checkpoint_at(server.put("/official.pt", weights))
    updates, _ = run_steps(fetch(checkpoint, weights_dir, mirror=str(tmp_path), policy=quick))
    assert [item.message for item in updates if item.stage == "refused"] == [
        f"your folder has no {tmp_path / 'net.pt'}."
    ]


def test_another_hub_endpoint_replaces_the_hub(monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "https://hub.example.org/")
    urls = [source.url for source in sources(CHECKPOINTS["clip/ViT-L-14"])]
    assert "https://hub.example.org/openai/clip-vit-large-patch14/resolve/main/model.safetensors" in urls
    assert not [url for url in urls if "huggingface.co" in url]


def test_a_redirect_on_this_machine_is_followed_with_its_range(server, checkpoint_at, weights, weights_dir, quick):
    server.put("/new.pt", weights)
    url = server.put("/old.pt", b"", redirect("/new.pt"))
    _, local = run_steps(fetch(checkpoint_at(url), weights_dir, policy=quick))
    assert local.path.read_bytes() == weights


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (lambda handler: "/round.pt", "in a loop"),
        ("http://192.0.2.1/net.pt", "http://192.0.2.1, which is not secure"),
        ("file:///etc/passwd", "not secure"),
        ("ftp://127.0.0.1/net.pt", "not secure"),
    ],
    ids=["loop", "plain http elsewhere", "file", "ftp"],
)
def test_an_insecure_or_endless_redirect_is_refused(server, checkpoint_at, weights_dir, quick, target, text):
    url = server.put("/round.pt", b"", *[redirect(target)] * 20)
    with pytest.raises(DownloadFailed, match=text):
        run_steps(fetch(checkpoint_at(url), weights_dir, policy=quick))


def test_a_configured_proxy_is_used(server, checkpoint_at, weights, weights_dir, quick, monkeypatch):
    monkeypatch.setenv("http_proxy", server.url)
    server.put("http://weights.example.org/net.pt", weights)
    _, local = run_steps(fetch(checkpoint_at("http://weights.example.org/net.pt"), weights_dir, policy=quick))
    assert local.path.read_bytes() == weights


def test_certificates_that_cannot_be_read_are_named(server, checkpoint_at, weights_dir, quick, monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    with pytest.raises(DownloadFailed, match="certificates of REQUESTS_CA_BUNDLE cannot be read"):
        run_steps(fetch(checkpoint_at(server.url + "/net.pt"), weights_dir, policy=quick))


FIRST = CheckpointFile("test/a.pt", OFFICIAL, (Address("https://one/a", "One"), Address("https://two/a", "Two")), 9)
SECOND = CheckpointFile("test/b.pt", OFFICIAL, (Address("https://huggingface.co/org/b", "the hub"),), 9)
PUBLIC = [
    Source(FIRST, "One", "https://one/a"),
    Source(FIRST, "Two", "https://two/a"),
    Source(SECOND, "the hub", "https://huggingface.co/org/b"),
]


def sources_of(mirror=""):
    return list(sources(Checkpoint("test/a", "", (FIRST, SECOND), "", "", ""), mirror))


def test_every_address_of_every_variant_is_tried_in_the_catalogues_order(monkeypatch):
    assert sources_of() == PUBLIC
    assert [source.origin for source in PUBLIC] == ["https://one/a", "https://two/a", "https://huggingface.co/org/b"]


@pytest.mark.parametrize("mirror", ["https://mirror/weights", "https://mirror/weights/", "HTTP://mirror/weights//"])
def test_a_mirror_has_all_variants_at_the_paths_of_the_weights_folder(mirror):
    root = mirror.rstrip("/")
    mirrored = [Source(file, "your mirror", f"{root}/{file.path}") for file in (FIRST, SECOND)]
    assert sources_of(mirror) == mirrored + PUBLIC


def test_a_mirror_folder_has_files_at_the_paths_of_the_weights_folder_or_by_their_names(tmp_path, monkeypatch):
    (tmp_path / "test").mkdir()
    (tmp_path / "test/a.pt").write_bytes(b"")
    (tmp_path / "a.pt").write_bytes(b"")
    expected = [Source(FIRST, "your folder", file=tmp_path / "test/a.pt"),
                Source(SECOND, "your folder", file=tmp_path / "b.pt")]  # fmt: skip
    assert sources_of(str(tmp_path)) == expected + PUBLIC
    assert expected[0].origin == str(tmp_path / "test/a.pt")
    monkeypatch.setenv("HOME", str(tmp_path.parent))
    assert sources_of(f"~/{tmp_path.name}") == expected + PUBLIC


@pytest.mark.parametrize("endpoint", ["https://hub.example.org", "https://hub.example.org/"])
def test_only_urls_of_the_hub_go_to_another_endpoint(monkeypatch, endpoint):
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    urls = [source.url for source in sources_of()]
    assert urls == ["https://one/a", "https://two/a", "https://hub.example.org/org/b"]
