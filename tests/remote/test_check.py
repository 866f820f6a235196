"""The test of a connection: one sentence on what works, or what is missing."""

import sys

import pytest

from blender_text3d.remote.__main__ import main
from blender_text3d.remote.check import check, verdict_of
from blender_text3d.remote.frames import Frame
from blender_text3d.remote.host import SSH_VARIABLE, RemoteHost

THERE = RemoteHost("there")
REAL_PYTHON = f"env -u TEXT3D_WORKER_PYTHON {sys.executable}"
"""The Python of the tests in place of the scripted one."""


def answer(**values):
    return Frame("probed", {"broken": [], "torch": "2.13.0", "device": "NVIDIA H200", "models": 0} | values)


def test_a_machine_that_works_is_named_with_its_device(server, monkeypatch):
    monkeypatch.setenv(SSH_VARIABLE, server.write_client_config("none"))
    verdict = check(RemoteHost("there", python=REAL_PYTHON))
    assert verdict.is_good
    assert verdict.text.startswith("there works: ")
    assert "PyTorch 2." in verdict.text
    assert verdict.text.endswith("no downloaded models.")


@pytest.mark.parametrize(
    ("values", "is_good", "text"),
    [
        ({}, True, "there works: NVIDIA H200, PyTorch 2.13.0, no downloaded models."),
        ({"models": 3}, True, "3 downloaded model files."),
        (
            {"broken": ["torch", "scipy"]},
            False,
            "Packages are missing or broken on there: torch, scipy. Run",
        ),
        ({"error": "OSError: no such file"}, False, "Python on there cannot be tested (OSError: no such file)."),
        ({"device": 7}, False, "cannot be tested (no answer)"),
        ({"device": "evil\x1b[2J\n" * 100}, True, "there works: evil\N{REPLACEMENT CHARACTER}[2J evil"),
        ({"models": "many"}, True, "no downloaded models"),
    ],
)
def test_an_answer_becomes_a_sentence_whatever_it_has(values, is_good, text):
    verdict = verdict_of(answer(**values), THERE)
    assert verdict.is_good is is_good
    assert text in verdict.text
    assert verdict.text.isprintable()
    assert len(verdict.text) < 600


def test_a_test_without_a_connection_says_why(monkeypatch):
    monkeypatch.setenv(SSH_VARIABLE, "/nowhere/ssh")
    assert check(THERE) == (
        False,
        "The program ssh cannot be started on this machine (No such file or directory). Install the OpenSSH client.",
    )
    assert check(RemoteHost("-v")).text.startswith("'-v' is not a host.")


def test_a_module_of_the_package_runs_there(server, monkeypatch, capfdbinary):
    monkeypatch.setenv(SSH_VARIABLE, server.write_client_config("none"))
    code = main(["--python", REAL_PYTHON, "there", "engine.weights", "where"])
    assert (code, capfdbinary.readouterr().out.decode().strip()) == (0, str(server.home / "weights"))


def test_the_exit_code_of_a_module_there_is_that_of_the_command(server, monkeypatch, capfdbinary):
    monkeypatch.setenv(SSH_VARIABLE, server.write_client_config("none"))
    assert main(["--python", REAL_PYTHON, "there", "engine.weights", "list", "no-such-model"]) == 2
    assert b"There is no model or checkpoint no-such-model." in capfdbinary.readouterr().err


def test_an_option_after_the_host_is_refused(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["there", "--port", "22"])
    assert "--port belongs before the host." in capsys.readouterr().err
