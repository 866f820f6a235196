# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the environment's actions: its options, JSON lines, exit codes and signals."""

import io
import json
import os
import signal
import sys

import pytest

from blender_text3d.environment import __main__ as program
from blender_text3d.environment.actions import ACTIONS
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.paths import worker_env_dir
from blender_text3d.environment.progress import Progress

SIGNALS = (signal.SIGTERM, *([signal.SIGBREAK] if hasattr(signal, "SIGBREAK") else []))


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """A function that runs a command line with an action, and returns the exit code, its options and its lines."""
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path / "data"))
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def run(*arguments: str, action=lambda options, send: True):
        seen = []
        for name in ACTIONS:
            monkeypatch.setitem(ACTIONS, name, lambda options, send: seen.append(options) or action(options, send))
        monkeypatch.setattr(sys, "argv", ["environment", *arguments])
        code = program.main()
        return code, seen, [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    yield run
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_options_have_defaults_that_need_no_choice(run):
    code, (options,), lines = run("make")
    assert (code, lines) == (0, [])
    assert vars(options) == {
        "action": "make",
        "env": worker_env_dir(),
        "python": "",
        "torch": "auto",
        "torch_index": "",
        "kit": "",
        "part": "diffusers",
    }


def test_each_option_is_passed_on_and_the_folder_is_absolute(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["renew", "--env", "my env", "--python", "/p", "--torch", "own", "--torch-index", "/w", "--kit", "/k"]
    (options,) = run(*words)[1]
    assert vars(options) == {
        "action": "renew",
        "env": tmp_path / "my env",
        "python": "/p",
        "torch": "own",
        "torch_index": "/w",
        "kit": "/k",
        "part": "diffusers",
    }


def test_the_users_own_folder_can_be_abbreviated(run, tmp_path, monkeypatch):
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    assert run("make", "--env", "~/env")[1][0].env == tmp_path / "env"


def test_the_exit_code_tells_whether_the_action_succeeded(run):
    assert run("check", action=lambda options, send: True)[0] == 0
    assert run("check", action=lambda options, send: False)[0] == 1


def test_progress_is_printed_as_one_json_line_each_and_at_once(run, monkeypatch):
    flushed = []
    monkeypatch.setattr(sys.stdout, "flush", lambda: flushed.append(True))

    def action(options, send):
        flushed.clear()
        send(Progress("One", 0.5))
        assert flushed == [True]
        send(Progress("Two", 1.0, "ready"))
        return True

    lines = run("make", action=action)[2]
    assert [(line["message"], line["state"]) for line in lines] == [("One", "working"), ("Two", "ready")]


def test_a_failure_is_the_last_line_with_its_fix(run):
    def fail(options, send):
        raise SetupFailed("It broke.", "Mend it.")

    code, _, (line,) = run("make", action=fail)
    assert code == 1
    assert (line["message"], line["state"], line["fix"]) == ("It broke.", "failed", "Mend it.")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (OSError(28, "No space left on device", "/data/x"), "/data/x cannot be used: No space left on device."),
        (OSError("no more handles"), "{env} cannot be used: no more handles."),
        (OSError(5, "Input/output error"), "{env} cannot be used: Input/output error."),
    ],
)
def test_an_unexpected_error_of_the_disk_names_the_file_or_else_the_folder(error, message, run, tmp_path):
    def fail(options, send):
        raise error

    code, _, (line,) = run("make", "--env", str(tmp_path / "env"), action=fail)
    assert code == 1
    assert line["message"] == message.format(env=tmp_path / "env")
    assert (line["state"], line["fix"]) == ("failed", "Choose another folder in the add-on's preferences.")


def test_an_error_of_the_program_itself_is_not_hidden(run):
    with pytest.raises(ZeroDivisionError):
        run("make", action=lambda options, send: 1 / 0)


@pytest.mark.parametrize("arguments", [(), ("destroy",), ("make", "--fast")])
def test_a_wrong_command_line_exits_with_2_and_runs_nothing(arguments, run):
    with pytest.raises(SystemExit) as caught:
        run(*arguments, action=lambda options, send: pytest.fail("it ran"))
    assert caught.value.code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="another signal there")
def test_a_stop_signal_exits_so_that_files_are_removed_and_a_second_one_is_ignored(run):
    steps = []

    def action(options, send):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            steps.append("went on")
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            steps.append("removed files")

    with pytest.raises(SystemExit) as caught:
        run("make", action=action)
    assert caught.value.code == 128 + signal.SIGTERM
    assert steps == ["removed files"]


def test_every_action_is_described_in_the_help(run, capsys):
    with pytest.raises(SystemExit) as caught:
        run("--help", action=lambda options, send: pytest.fail("it ran"))
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert text.startswith("usage: python -m blender_text3d.environment")
    assert "{make,renew,check,test,repair,remove,try,add-part,remove-part}" in text


def test_a_character_that_the_terminal_lacks_is_escaped(run, monkeypatch):
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    run("make")
    assert terminal.errors == "backslashreplace"
