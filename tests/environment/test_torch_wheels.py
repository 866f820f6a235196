# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading PyTorch's index and comparing it with the list of wheels."""

import subprocess
import sys
import urllib.request

import pytest

from scripts.release.torch_wheels import BUILDS, TORCH, differences, is_supported, on_index, read_list

NAME = TORCH.replace("==", "-") + "+cpu-cp311-cp311-manylinux_2_28_x86_64.whl"
OTHERS = (
    NAME.replace("cp311-cp311", "cp314-cp314t"),  # free-threaded
    NAME.replace("cp311", "cp310"),
    NAME.replace("manylinux_2_28_x86_64", "linux_s390x"),
    NAME.replace("+cpu", "+cpu.with.more"),
    NAME.replace(TORCH.partition("==")[2], "2.12.0"),
)


def link(name: str, digest: str = "") -> str:
    where = "https://download-r2.pytorch.org/whl/cpu/" + name.replace("+", "%2B")
    return f'<a href="{where}{"#sha256=" + digest if digest else ""}" data-core-metadata="sha256=ff">{name}</a><br/>\n'


@pytest.fixture
def index(tmp_path):
    """PyTorch's index with one wheel of the CPU build, and pages without wheels for the others."""
    for build, packages in BUILDS.items():
        for package in packages:
            page = tmp_path / build / package.split("==")[0]
            page.mkdir(parents=True)
            (page / "index.html").write_text("<!DOCTYPE html>")
    (tmp_path / "cpu/torch/index.html").write_text(link(NAME, "a" * 64) + "".join(link(n, "b" * 64) for n in OTHERS))
    return tmp_path


@pytest.fixture
def address(index, monkeypatch):
    """The URL of the index, with index.html because a local folder has no default page."""
    real = urllib.request.urlopen
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: real(url + "index.html", timeout=timeout))
    return index.as_uri()


def test_only_supported_wheels_are_read(address):
    assert on_index(address) == {NAME: "a" * 64}
    assert not any(is_supported(name) for name in OTHERS[:3])


def test_each_difference_is_reported():
    listed = {"gone": "a", "same": "b", "changed": "c", "bare": "d"}
    found = {"same": "b", "changed": "x", "bare": "", "new": "e", "newbare": ""}
    assert differences(listed, found) == [
        "gone is listed, but no longer on the index.",
        "bare has no hash on the index.",
        "changed has another hash on the index: x.",
        "new is on the index, but not listed.",
        "newbare has no hash on the index and is not listed.",
    ]


def test_the_script_writes_the_hashes_of_the_index_and_keeps_missing_ones(tmp_path, index):
    bare = NAME.replace("x86_64", "aarch64")
    pages = index / "cpu" / "torch" / "index.html"
    pages.write_text(pages.read_text() + link(bare))
    wheels = tmp_path / "wheels.sha256"
    wheels.write_text(f"# about\n{'c' * 64}  {bare}\n{'d' * 64}  {NAME}\n")
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", index],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        port = server.stdout.readline().split(" port ")[1].split()[0]
        command = [
            sys.executable,
            "scripts/release/torch_wheels.py",
            "--index",
            f"http://127.0.0.1:{port}",
            "--list",
            wheels,
        ]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 1
        assert f"{NAME} has another hash on the index: {'a' * 64}." in done.stdout
        assert subprocess.run([*command, "--write"], capture_output=True).returncode == 0
    finally:
        server.kill()
    assert read_list(wheels) == {bare: "c" * 64, NAME: "a" * 64}
    assert wheels.read_text().startswith("# about\n")
