# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines of the weights' command line, for users and for programs."""

import io
import json
import sys
from pathlib import Path

import pytest

from blender_text3d.engine.weights import cli_output
from blender_text3d.engine.weights.catalogue import DIFFUSERS, OFFICIAL, Address, Checkpoint, CheckpointFile
from blender_text3d.engine.weights.cli_output import Console, checkpoint_json, progress_line, table_row
from blender_text3d.engine.weights.progress import ProgressUpdate
from blender_text3d.engine.weights.store.local_files import LocalCheckpoint

FIRST = CheckpointFile(
    "test/net.pt", OFFICIAL, (Address("https://one", "One"), Address("https://two", "Two")), 3_000_000
)
SECOND = CheckpointFile("test/net.bin", DIFFUSERS, (Address("https://hub", "the hub"),), 3_000_000, size=5_000_000)
CHECKPOINT = Checkpoint("test/net", "text to points", (FIRST, SECOND), "MIT", "https://card", "Be careful.")
LOCAL = LocalCheckpoint(SECOND, Path("/kept/test/net.bin"), 7_600_000, "abc")


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def streams(monkeypatch):
    """Replace the streams by a terminal, or by a file, and return both."""

    def replace(is_terminal: bool):
        out, err = Terminal() if is_terminal else io.StringIO(), io.StringIO()
        monkeypatch.setattr(sys, "stdout", out)
        monkeypatch.setattr(sys, "stderr", err)
        return out, err

    return replace


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, "test/net download: 0 MB"),
        ({"done_bytes": 1_499_999_999}, "test/net download: 1,500 MB"),
        ({"done_bytes": 2_000_000, "of_bytes": 1_000_000_000}, "test/net download: 2 of 1,000 MB"),
        ({"done_bytes": 2_000_000, "bytes_per_s": 1_250_000.0}, "test/net download: 2 MB, 1.2 MB/s"),
        ({"left_s": 0.0}, "test/net download: 0 MB, 0:00 left"),
        ({"left_s": 61.0}, "test/net download: 0 MB, 1:01 left"),
        ({"left_s": 3725.0}, "test/net download: 0 MB, 62:05 left"),
        (
            {"done_bytes": 10**6, "of_bytes": 2 * 10**6, "bytes_per_s": 10.0**5, "left_s": 10.0},
            "test/net download: 1 of 2 MB, 0.1 MB/s, 0:10 left",
        ),
        ({"done_bytes": 10**6, "message": "another process is downloading it"},
         "test/net download: another process is downloading it"),
    ],
)  # fmt: skip
def test_progress_has_bytes_rate_and_time_left_or_a_message(facts, expected):
    assert progress_line(ProgressUpdate("download", "test/net", **facts)) == expected


@pytest.mark.parametrize(
    ("local", "state", "size"),
    [
        (None, "missing     ", "     12 MB"),
        (LOCAL, "verified    ", "      8 MB"),
        (LocalCheckpoint(SECOND, Path("/kept"), 1_234_567_890, ""), "not verified", "  1,235 MB"),
    ],
)
@pytest.mark.parametrize(
    ("models", "used_by"),
    [(("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "3 models"), ((), "")],
)
def test_a_row_has_name_size_state_purpose_and_models(monkeypatch, local, state, size, models, used_by):
    monkeypatch.setattr(cli_output, "models_using", lambda name: models)
    expected = f"{'test/net':26} {size}  {state}  {'text to points':39}  for {used_by}"
    assert table_row(CHECKPOINT, local) == expected


def test_a_missing_checkpoint_as_json_has_its_sources_and_received_bytes(tmp_path):
    (tmp_path / "test").mkdir()
    (tmp_path / "test/net.bin.part").write_bytes(bytes(7))
    assert checkpoint_json(CHECKPOINT, None, tmp_path) == {
        "name": "test/net", "about": "text to points", "bytes": 12_000_000, "received_bytes": 7, "come_bytes": 7,
        "folder": str(tmp_path), "file": None, "sha256": "", "needed_by": (), "license": "MIT", "licence": "MIT",
        "card": "https://card", "warning": "Be careful.",
        "sources": [{"url": "https://one", "owner": "One"}, {"url": "https://two", "owner": "Two"},
                    {"url": "https://hub", "owner": "the hub"}],
    }  # fmt: skip


def test_a_local_checkpoint_as_json_has_its_file_and_no_received_bytes(tmp_path):
    (tmp_path / "test").mkdir()
    (tmp_path / "test/net.bin.part").write_bytes(bytes(7))
    found = checkpoint_json(CHECKPOINT, LOCAL, tmp_path)
    assert (found["bytes"], found["file"], found["sha256"]) == (7_600_000, str(LOCAL.path), "abc")
    assert (found["received_bytes"], found["come_bytes"]) == (0, 0)


def test_json_lines_have_every_update_and_error_and_go_to_stdout(streams):
    out, err = streams(is_terminal=True)
    console = Console(as_json=True)
    console.show(ProgressUpdate("download", "test/net", done_bytes=5))
    console.show_model_card(CHECKPOINT)
    console.show_error("It failed.")
    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {"stage": "download", "checkpoint": "test/net", "message": "", "done_bytes": 5, "of_bytes": 0,
         "bytes_per_s": 0.0, "left_s": None},
        {"stage": "failed", "checkpoint": "", "message": "It failed.", "done_bytes": 0, "of_bytes": 0,
         "bytes_per_s": 0.0, "left_s": None},
    ]  # fmt: skip
    assert err.getvalue() == ""


@pytest.mark.parametrize("stage", ["download", "copy", "verify", "wait"])
def test_a_terminal_shows_progress_on_one_line_of_78_characters(streams, stage):
    out, err = streams(is_terminal=True)
    console = Console(as_json=False)
    console.show(ProgressUpdate(stage, "test/net", done_bytes=10**6))
    console.show(ProgressUpdate(stage, "test/net", "x" * 100))
    line = f"test/net {stage}: "
    assert out.getvalue() == "\r" + f"{line}1 MB".ljust(78) + "\r" + (line + "x" * 100)[:78]
    console.show_error("It failed.")
    console.show_error("Again.")
    assert out.getvalue().count("\n") == 1
    assert err.getvalue() == "It failed.\nAgain.\n"


@pytest.mark.parametrize("stage", ["connect", "refused", "notice", "ready", "removed"])
def test_other_updates_are_lines_of_their_own(streams, stage):
    out, _ = streams(is_terminal=True)
    console = Console(as_json=False)
    console.show(ProgressUpdate("download", "test/net"))
    console.show(ProgressUpdate(stage, "test/net", "a message"))
    console.show(ProgressUpdate(stage, "test/net"))
    assert out.getvalue().splitlines()[-2:] == ["test/net: a message", "test/net"]
    assert out.getvalue().count("\n") == 3


def test_a_file_gets_no_progress(streams):
    out, _ = streams(is_terminal=False)
    Console(as_json=False).show(ProgressUpdate("download", "test/net", done_bytes=5))
    assert out.getvalue() == ""


def test_text_of_servers_and_files_cannot_control_the_terminal(streams):
    out, err = streams(is_terminal=True)
    console = Console(as_json=False)
    console.show(ProgressUpdate("notice", "test/net", "\x1b[2Jgone"))
    console.show(ProgressUpdate("wait", "test/net", "\x1b[2Jgone"))
    console.show_error("\x1b[2Jgone")
    assert "\x1b" not in out.getvalue() + err.getvalue()
