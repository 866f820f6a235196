# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the diagnostics: its options, its three forms of output and its exit code."""

import io
import json
import sys

import pytest

from blender_text3d.doctor import __main__ as program
from blender_text3d.doctor.finding import BAD, GOOD, WARN, Finding

WELL, ODD, ILL = Finding("a", "A", GOOD, "well"), Finding("b", "B", WARN, "odd"), Finding("c", "C", BAD, "ill")


@pytest.fixture
def run(monkeypatch, capsys):
    """A function that runs a command line on a machine with the given findings; the contexts that were checked."""
    contexts = []

    def run(*arguments, findings=(WELL,)):
        monkeypatch.setattr(program, "run_checks", lambda context: contexts.append(context) or iter(findings))
        monkeypatch.setattr(program, "report_text", lambda found, context: f"report of {len(found)}")
        code = program.main(arguments)
        return code, capsys.readouterr().out.splitlines()

    run.contexts = contexts
    return run


@pytest.mark.parametrize(
    ("findings", "code", "summary"),
    [
        ((), 0, "All checks passed"),
        ((WELL, ODD), 0, "All checks passed"),
        ((WELL, ILL), 1, "1 problem to fix"),
        ((ILL, ODD, ILL), 1, "2 problems to fix"),
    ],
)
def test_only_what_is_bad_counts(findings, code, summary, run):
    assert run(findings=findings) == (code, [*(finding.line() for finding in findings), summary])


def test_as_json_the_report_is_an_object_as_well(run):
    code, lines = run("--json", findings=(WELL, ILL))
    assert code == 1
    assert lines[:2] == [WELL.to_json(), ILL.to_json()]
    assert json.loads(lines[2]) == {"report": "report of 2"}
    assert len(lines) == 3


def test_the_report_stands_alone(run):
    assert run("--report", findings=(WELL, ILL)) == (1, ["report of 2"])


def test_both_forms_at_once_are_refused(run):
    with pytest.raises(SystemExit):
        run("--json", "--report")


def test_each_option_becomes_part_of_the_context(run, tmp_path):
    blender = {"version": "5.2"}
    run("--full", "--data-folder", str(tmp_path), "--python", "/p", "--viewer=v", "--blender", json.dumps(blender))
    (context,) = run.contexts
    assert (context.data_dir, str(context.own_python), context.viewer) == (tmp_path, "/p", "v")
    assert (context.blender, context.is_full) == (blender, True)


def test_without_options_the_check_is_short_and_of_a_terminal(run, monkeypatch):
    monkeypatch.delenv("TEXT3D_WORKER_PYTHON", raising=False)
    run()
    (context,) = run.contexts
    assert (context.own_python, context.viewer, context.blender, context.is_full) == (None, "", {}, False)


def test_each_line_is_flushed_so_that_blender_sees_it_at_once(run, monkeypatch):
    flushed = []
    monkeypatch.setattr(sys.stdout, "flush", lambda: flushed.append(True))

    def findings():
        yield WELL
        flushed.append("after the first")

    run("--json", findings=findings())
    assert flushed[flushed.index("after the first") - 1] is True
    assert flushed[-1] is True


def test_a_character_that_the_terminal_lacks_is_escaped(run, monkeypatch):
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    run()
    assert terminal.errors == "backslashreplace"
