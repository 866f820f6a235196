# SPDX-License-Identifier: GPL-3.0-or-later
"""Weights are downloaded from the catalogue's URLs or the user's, and no other URL scheme is opened."""

import os
from urllib.parse import urlsplit

import pytest

from blender_text3d.engine.weights.catalogue import CHECKPOINTS
from blender_text3d.engine.weights.download.fetch import fetch
from blender_text3d.engine.weights.download.http import SecureRedirects, send_request, url_opener
from blender_text3d.engine.weights.download.retry_policy import SourceError, TransientError
from blender_text3d.engine.weights.download.source import sources
from blender_text3d.engine.weights.errors import DownloadFailed
from tests.engine.weights.conftest import *  # noqa: F403
from tests.engine.weights.faulty_server import redirect
from tests.engine.weights.run_steps import run_steps

KNOWN_HOSTS = {"openaipublic.azureedge.net", "openaipublic.blob.core.windows.net", "huggingface.co"}
REDIRECT_TARGETS = [
    "file:///etc/passwd", "file://127.0.0.1/etc/passwd", "ftp://127.0.0.1/a", "data:text/plain,a", "gopher://127.0.0.1/",
    "http://example.org/a", "//example.org/a", "http://127.0.0.1.example.org/a", "http://localhost@example.org/a",
    "javascript:alert(1)", "\\\\host\\share", "http://[::1", "jar:file:///a", "unix:/run/docker.sock", "http://0.0.0.0/a",
]  # fmt: skip
OTHER_SCHEMES = [
    "file:///etc/passwd",
    "ftp://127.0.0.1/a",
    "data:,a",
    "unix:/a",
    "jar:file:///a",
    "local_file:///etc/passwd",
]


def test_the_catalogue_has_only_https_urls_of_three_hosts(monkeypatch):
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    urls = [urlsplit(source.url) for entry in CHECKPOINTS.values() for source in sources(entry)]
    assert urls
    assert {url.scheme for url in urls} == {"https"}
    assert {url.hostname for url in urls} == KNOWN_HOSTS
    assert all(url.username is None and ".." not in url.path for url in urls)


def test_the_catalogues_files_are_in_the_weights_folder():
    paths = [file.path for entry in CHECKPOINTS.values() for file in entry.variants]
    assert paths
    assert all(not os.path.isabs(path) and ".." not in path.split("/") and "\\" not in path for path in paths)


@pytest.mark.parametrize("target", REDIRECT_TARGETS)
def test_a_redirect_to_another_scheme_is_refused(server, checkpoint_at, weights, weights_dir, quick, target):
    checkpoint = checkpoint_at(server.put("/net.pt", weights, *[redirect(target)] * 9))
    with pytest.raises(DownloadFailed):
        run_steps(fetch(checkpoint, weights_dir, policy=quick))
    assert {path for path, _ in server.requests} <= {"/net.pt", urlsplit(target.replace("[", "")).path, "/" + target}
    assert [path for path in weights_dir.rglob("*.pt")] == []


@pytest.mark.parametrize("old", ["https://huggingface.co/a", "https://127.0.0.1/a"])
@pytest.mark.parametrize("new", ["http://huggingface.co/a", "http://127.0.0.1/a", "file:///etc/passwd", "ftp://a/b"])
def test_https_is_never_redirected_to_http(old, new):
    from urllib.request import Request

    with pytest.raises(SourceError, match="not secure"):
        SecureRedirects().redirect_request(Request(old), None, 302, "", {}, new)


@pytest.mark.parametrize("url", OTHER_SCHEMES)
def test_no_other_scheme_is_opened(url):
    assert not {"file_open", "ftp_open", "data_open"} & {name for h in url_opener().handlers for name in dir(h)}
    with pytest.raises((SourceError, TransientError)):
        send_request(url, 0, "", 1.0)


INVALID_SIZES = {
    "5,000 digits": {"Content-Length": "9" * 5000},
    "400 digits": {"Content-Length": "9" * 400},
    "a petabyte": {"Content-Length": "1" + "0" * 15},
    "a hundred terabytes": {"Content-Length": "1" + "0" * 14},
    "superscript digits": {"Content-Length": "\u00b2"},
    "negative": {"Content-Length": "-5"},
    "letters": {"Content-Length": "many"},
    "a range of 5,000 digits": {"Content-Range": "bytes 0-1/" + "9" * 5000},
    "a range of a hundred terabytes": {"Content-Range": "bytes 0-1/1" + "0" * 14},
    "a range of superscript digits": {"Content-Range": "bytes 0-1/\u00b2"},
}


@pytest.mark.parametrize("is_published", [True, False])
@pytest.mark.parametrize("headers", INVALID_SIZES.values(), ids=INVALID_SIZES)
def test_a_source_with_an_impossible_size_is_skipped(
    server, checkpoint_at, weights, weights_dir, quick, headers, is_published
):
    def claim(handler, body):
        handler.send_response(206 if "Content-Range" in headers else 200)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(weights[:1000])

    bad, good = server.put("/bad.pt", weights, *[claim] * 9), server.put("/good.pt", weights)
    _, local = run_steps(fetch(checkpoint_at(bad, good, is_published=is_published), weights_dir, policy=quick))
    assert local.path.read_bytes() == weights
