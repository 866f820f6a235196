# SPDX-License-Identifier: GPL-3.0-or-later
"""PyTorch builds that this machine cannot have."""

import sys

import pytest

from blender_text3d.addon.state.torch_choices import build_problem

ON_MAC = "CPU Only is not available on macOS. PyTorch has one build there, for the Apple GPU and the CPU."
ON_LINUX_ONLY = "AMD ROCm 7.2 is only available on Linux."


@pytest.mark.parametrize(
    ("system", "torch", "problem"),
    [
        ("linux", "auto", ""), ("linux", "cpu", ""), ("linux", "cu130", ""), ("linux", "rocm7.2", ""),
        ("win32", "auto", ""), ("win32", "cpu", ""), ("win32", "cu126", ""), ("win32", "rocm7.2", ON_LINUX_ONLY),
        ("darwin", "auto", ""), ("darwin", "default", ""),
        ("darwin", "cpu", ON_MAC),
    ],
)  # fmt: skip
def test_a_build_is_refused_where_pytorch_has_none(monkeypatch, system, torch, problem):
    monkeypatch.setattr(sys, "platform", system)
    assert build_problem(torch, "") == problem


@pytest.mark.parametrize("system", ["linux", "win32", "darwin"])
def test_a_custom_index_is_a_url_or_an_existing_folder(monkeypatch, tmp_path, system):
    monkeypatch.setattr(sys, "platform", system)
    (tmp_path / "file").touch()
    missing, file = str(tmp_path / "missing"), str(tmp_path / "file")
    assert build_problem("own", "https://my.index/simple") == ""
    assert build_problem("own", str(tmp_path)) == ""
    assert build_problem("own", "") == (
        "PyTorch Index is empty in the preferences, but PyTorch is set to a custom index."
    )
    for index in (missing, file):
        assert build_problem("own", index) == (
            f"PyTorch index {index} is neither an existing folder nor a URL such as https://my.index/simple."
        )


def test_the_index_does_not_matter_for_other_builds():
    assert build_problem("cpu", "/missing") == ""
