# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that were run: their output, their log, their environment, and an end when the caller fails."""

import sys
from pathlib import Path

import pytest

from blender_text3d.system.run_logged import Log, ProcessResult, clean_environment, run_logged


@pytest.mark.parametrize(("printed", "expected"), [("first\\n last \\n\\n", "last"), (" \\n", "exit code 3")])
def test_the_last_line_is_the_last_one_that_is_not_blank_or_else_the_exit_code(printed, expected):
    result = run_logged([sys.executable, "-c", f"import sys; print('{printed}'); sys.exit(3)"], Log())
    assert (result.code, result.last_line) == (3, expected)


def test_output_and_errors_are_one_stream_in_the_log_and_for_the_caller(tmp_path):
    code = "import sys; print('one  ', flush=True); print('two', file=sys.stderr); sys.stdout.buffer.write(b'\\xff')"
    log, seen = Log(tmp_path / "run.log"), []
    log.add("earlier")
    result = run_logged([Path(sys.executable), "-c", code], log, seen.append)
    assert (result.code, result.lines, result.output) == (0, ["one", "two", "\ufffd"], "one\ntwo\n\ufffd")
    assert seen == ["one  \n", "two\n", "\ufffd"]
    written = log.path.read_text(encoding="utf-8")
    assert written == f"earlier\n$ {sys.executable} -c {code}\none  \ntwo\n\ufffd\n"


def test_a_program_gets_a_folder_variables_and_no_input(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    code = (
        "import os, sys; print(os.getcwd(), os.environ.get('PYTHONPATH'), os.environ['EXTRA'], repr(sys.stdin.read()))"
    )
    result = run_logged([sys.executable, "-c", code], Log(), variables={"EXTRA": "added"}, cwd=tmp_path)
    assert result.lines == [f"{tmp_path} None added ''"]


def test_a_program_is_ended_when_the_caller_fails(tmp_path):
    code = f"import time; print('begun', flush=True); time.sleep(30); open({str(tmp_path / 'finished')!r}, 'w')"

    def fail(line):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_logged([sys.executable, "-c", code], Log(), fail)
    assert not (tmp_path / "finished").exists()


def test_a_program_that_does_not_exist_raises_after_its_command_was_logged(tmp_path):
    with pytest.raises(FileNotFoundError):
        run_logged(["/no/such/program", "argument"], Log(tmp_path / "run.log"))
    assert (tmp_path / "run.log").read_text() == "$ /no/such/program argument\n"


def test_a_log_that_cannot_be_written_does_not_stop_the_program(tmp_path):
    assert run_logged([sys.executable, "-c", "print(1)"], Log(tmp_path / "none" / "run.log")).lines == ["1"]
    assert not (tmp_path / "none").exists()


def test_a_log_ends_every_entry_with_one_newline(tmp_path):
    log = Log(tmp_path / "run.log")
    for text in ("a\n", "b", " c \n\n", ""):
        log.add(text)
    assert log.path.read_text() == "a\nb\n c \n\n"


def test_a_result_without_output_has_its_exit_code_as_last_line():
    assert ProcessResult(7, []).last_line == "exit code 7"
    assert ProcessResult(7, []).output == ""


def test_another_python_gets_no_variables_that_lead_to_other_modules(monkeypatch):
    removed = ("PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PIP_TARGET", "PIP_PREFIX", "PIP_USER", "VIRTUAL_ENV")
    for name in removed:
        monkeypatch.setenv(name, "set")
    monkeypatch.setenv("PYTHONUTF8", "0")
    kept = {"HTTPS_PROXY": "http://proxy", "PIP_INDEX_URL": "https://index", "UV_CACHE_DIR": "/cache"}
    for name, value in kept.items():
        monkeypatch.setenv(name, value)
    environment = clean_environment()
    assert not environment.keys() & set(removed)
    assert kept.items() <= environment.items()
    assert {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONUTF8": "1"}.items() <= environment.items()
