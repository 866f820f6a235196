# SPDX-License-Identifier: GPL-3.0-or-later
"""The progress line on a terminal."""

import io
import shutil

import pytest

from blender_text3d.protocol.create_job import create_job
from blender_text3d.protocol.events import Failed, Finished, Notice, Progress
from blender_text3d.protocol.request import make_requests
from scripts.cli.progress import BAR_WIDTH, ProgressLine, bar


class Terminal(io.StringIO):
    def isatty(self):
        return True

    def visible_lines(self) -> list[str]:
        """Return the visible lines of the terminal after all carriage returns."""
        lines = []
        for line in self.getvalue().split("\n"):
            shown = ""
            for part in line.split("\r"):
                shown = part + shown[len(part) :]
            lines.append(shown.rstrip())
        return lines


@pytest.fixture
def job(tmp_path):
    return create_job(tmp_path, make_requests("a red chair", seed=7)[0])


def step(index: int, stage: str = "sample") -> Progress:
    return Progress(stage=stage, index=index, total=20, eta_s=3.4)


def test_a_bar_shows_prompt_seed_stage_and_time_left():
    assert bar("a red chair (7)", step(10)) == f"a red chair (7) [{'#' * 12}{'.' * 12}] sample 10/20  3 s left"


@pytest.mark.parametrize(("index", "filled"), [(0, 0), (20, BAR_WIDTH)])
def test_a_bar_is_empty_at_first_and_full_at_the_end(index, filled):
    assert bar("x", step(index)).count("#") == filled


def test_a_bar_stays_on_one_line_of_the_terminal(job, monkeypatch):
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: __import__("os").terminal_size((30, 24)))
    terminal = Terminal()
    show = ProgressLine(terminal, io.StringIO())
    for index in range(21):
        show.event(job, step(index))
    assert "\n" not in terminal.getvalue()
    assert all(len(part) < 30 for part in terminal.getvalue().split("\r"))


def test_a_message_replaces_the_bar(job):
    terminal = Terminal()
    show = ProgressLine(terminal, io.StringIO())
    show.event(job, step(10))
    show.event(job, Notice(message="Hm."))
    show.event(job, step(11))
    show.event(job, Finished(elapsed_s=2.0, files={}))
    assert terminal.visible_lines() == ["Hm.", "a red chair (7) finished in 2.0 s.", ""]


def test_without_a_terminal_each_stage_is_one_line(job):
    err = io.StringIO()
    show = ProgressLine(err, io.StringIO())
    for event in [step(0), step(1), step(20), step(0, "mesh"), step(20, "mesh")]:
        show.event(job, event)
    show.event(job, Failed(message="It broke.", reason="internal", fix="Repair it."))
    assert err.getvalue().splitlines() == [
        "a red chair (7): sample",
        "a red chair (7): mesh",
        "a red chair (7) failed: It broke. Repair it.",
    ]


def test_without_a_terminal_each_job_of_a_batch_has_a_line_for_each_stage(tmp_path):
    jobs = [create_job(tmp_path, request) for request in make_requests("a red chair", seed=7, count=2)]
    err = io.StringIO()
    show = ProgressLine(err, io.StringIO())
    for index in range(3):
        for job in jobs:
            show.event(job, step(index))
    assert err.getvalue().splitlines() == ["a red chair (7): sample", "a red chair (8): sample"]
