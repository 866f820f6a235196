# SPDX-License-Identifier: GPL-3.0-or-later
"""The last prompts: kept, starred, searched, and never lost to a broken file."""

import json
from types import SimpleNamespace

import bpy
import pytest

from blender_text3d.addon.panels.prompt_history import TEXT3D_PT_prompt_history
from blender_text3d.addon.settings.choices import choices
from blender_text3d.addon.state import prompt_history
from blender_text3d.addon.state.prompt_history import (
    FILE_NAME,
    MAX_BYTES,
    MAX_KEPT,
    forget,
    history,
    remember,
    search,
    set_star,
)
from tests.blender.recording_layout import RecordingLayout


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that advances by a second at every look."""
    seconds = iter(range(1, 10_000))
    monkeypatch.setattr(prompt_history.time, "time", lambda: float(next(seconds)))


def drawn():
    """Return the texts of the popover."""
    layout = RecordingLayout()
    TEXT3D_PT_prompt_history.draw(SimpleNamespace(layout=layout), bpy.context)
    return layout.texts


def prompts(folder, words=""):
    return [past.prompt for past in search(history(folder), words)]


def test_the_last_used_prompt_comes_first_and_each_is_listed_once(tmp_path):
    for prompt in ("a cup", "a red chair", " a cup "):
        remember(tmp_path, prompt)
    assert prompts(tmp_path) == ["a cup", "a red chair"]


def test_only_the_last_hundred_are_kept_and_starred_ones_longer(tmp_path):
    remember(tmp_path, "my favorite")
    set_star(tmp_path, "my favorite", True)
    for number in range(MAX_KEPT):
        remember(tmp_path, f"prompt {number}")
    kept = prompts(tmp_path)
    assert len(kept) == MAX_KEPT == 100
    assert kept[:2] == ["my favorite", "prompt 99"]
    assert "prompt 0" not in kept
    assert "prompt 1" in kept


def test_a_star_is_kept_when_the_prompt_is_used_again_and_can_be_taken_away(tmp_path):
    remember(tmp_path, "a cup")
    remember(tmp_path, "a tree")
    set_star(tmp_path, "a cup", True)
    assert prompts(tmp_path) == ["a cup", "a tree"]
    remember(tmp_path, "a tree")
    remember(tmp_path, "a cup")
    assert [past.is_starred for past in history(tmp_path)] == [True, False]
    set_star(tmp_path, "a cup", False)
    remember(tmp_path, "a tree")
    assert prompts(tmp_path) == ["a tree", "a cup"]


def test_a_prompt_can_be_removed(tmp_path):
    remember(tmp_path, "a cup")
    remember(tmp_path, "a tree")
    forget(tmp_path, "a cup")
    assert prompts(tmp_path) == ["a tree"]


@pytest.mark.parametrize(
    ("words", "found"),
    [("", ["a red chair", "a Red cup", "a tree"]), ("RED", ["a red chair", "a Red cup"]), ("cup red", ["a Red cup"]),
     ("red tree", [])],
)  # fmt: skip
def test_every_word_of_a_search_must_occur(tmp_path, words, found):
    for prompt in ("a tree", "a Red cup", "a red chair"):
        remember(tmp_path, prompt)
    assert prompts(tmp_path, words) == found


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b'[{"prompt": 1, "x": 2}]', b"\xff\xfe", b"[" * 9999, b" " * (MAX_BYTES + 1)]
)
def test_a_file_that_is_no_history_counts_as_empty_and_is_set_aside_by_the_next_prompt(tmp_path, content):
    (tmp_path / FILE_NAME).write_bytes(content)
    assert history(tmp_path) == ()
    remember(tmp_path, "a cup")
    assert prompts(tmp_path) == ["a cup"]
    aside = tmp_path / f"{FILE_NAME}.unreadable"
    assert (aside.read_bytes() if aside.exists() else b"{}") == content


def test_invalid_entries_are_dropped_and_valid_ones_stay(tmp_path):
    entries = [{"prompt": 3}, {"prompt": ""}, {"prompt": "x" * 1001}, {"prompt": "a", "used_at": "now"},
               {"prompt": "b", "is_starred": 1}, {"prompt": "a cup", "used_at": 5}]  # fmt: skip
    (tmp_path / FILE_NAME).write_text(json.dumps(entries))
    assert prompts(tmp_path) == ["a cup"]


def test_a_folder_that_cannot_be_written_loses_nothing_else(tmp_path):
    (tmp_path / "file").write_text("in the way")
    remember(tmp_path / "file", "a cup")
    assert history(tmp_path / "file") == ()


def test_no_temporary_files_are_left(tmp_path):
    remember(tmp_path, "a cup")
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_an_unchanged_file_is_read_once_however_often_the_panel_is_drawn(tmp_path, monkeypatch):
    remember(tmp_path, "a cup")
    prompts(tmp_path)
    monkeypatch.setattr(prompt_history, "read_json", lambda *_: pytest.fail("the file was read again"))
    assert prompts(tmp_path) == ["a cup"]


def test_generate_remembers_the_prompt_and_the_popover_shows_it(addon, start_job):
    start_job("a red chair")
    assert prompts(choices().jobs_dir.parent) == ["a red chair"]
    assert "a red chair" in drawn()


def test_the_popover_shows_what_is_searched_and_how_many_more_there_are(addon):
    folder = choices().jobs_dir.parent
    assert "No prompts yet" in drawn()
    for number in range(17):
        remember(folder, f"prompt {number}")
    assert "2 more. Type a word to find them" in drawn()
    bpy.context.window_manager.text3d_prompt_search = "prompt 16"
    assert "prompt 16" in drawn()
    assert "prompt 3" not in drawn()
    bpy.context.window_manager.text3d_prompt_search = "dragon"
    assert "No prompt has these words" in drawn()


def test_operators_use_star_and_remove_a_prompt(addon, scene):
    folder = choices().jobs_dir.parent
    remember(folder, "a cup")
    remember(folder, "a tree")
    addon.image = "/some.png"
    bpy.ops.text3d.use_prompt(prompt="a cup")
    assert (addon.prompt, scene.text3d_input, addon.image) == ("a cup", "text", "/some.png")
    bpy.ops.text3d.star_prompt(prompt="a cup")
    assert prompts(folder) == ["a cup", "a tree"]
    bpy.ops.text3d.star_prompt(prompt="a cup", is_starred=False)
    bpy.ops.text3d.forget_prompt(prompt="a tree")
    assert [(past.prompt, past.is_starred) for past in history(folder)] == [("a cup", False)]
