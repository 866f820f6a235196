# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line of the diagnostics, and its report without private data."""

import getpass
import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from blender_text3d.doctor import report
from blender_text3d.doctor.__main__ import main
from blender_text3d.doctor.child import DoctorChild
from blender_text3d.doctor.context import Context, default_context
from blender_text3d.doctor.finding import BAD, GOOD, Finding

SCRIPT = Path(__file__).parents[2] / "scripts/doctor.py"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty data folder."""
    monkeypatch.setenv("BLENDER_TEXT3D_HOME", str(tmp_path / "secret client"))
    monkeypatch.delenv("TEXT3D_WORKER_PYTHON", raising=False)
    return tmp_path


def output(capsys, *arguments) -> tuple[int, str]:
    code = main(arguments)
    return code, capsys.readouterr().out


def test_there_is_a_line_per_check_and_a_summary(capsys):
    code, text = output(capsys)
    lines = text.splitlines()
    assert code == 1
    assert lines[-1] == "1 problem to fix"
    (bad,) = [line for line in lines if line.startswith("BAD")]
    assert "Setup has not been run yet. Required: " in bad
    assert "Fix: Press Set Up" in bad
    assert all(line.startswith(("ok ", "note", "BAD")) for line in lines[:-1])
    assert len(lines) > 10


def test_as_json_every_line_is_an_object_and_the_last_is_the_report(capsys):
    code, text = output(capsys, "--json")
    objects = [json.loads(line) for line in text.splitlines()]
    assert code == 1
    assert [thing["state"] for thing in objects[:-1]].count(BAD) == 1
    assert "Environment" in objects[-1]["report"]


def test_the_script_runs_alone_and_returns_an_exit_code(folder):
    done = subprocess.run([sys.executable, SCRIPT, "--report"], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "BAD" in done.stdout
    assert done.stderr == ""
    assert not (folder / "secret client").exists()


def test_no_problems_are_exit_code_0(capsys, folder, monkeypatch):
    from blender_text3d.doctor import __main__ as program

    monkeypatch.setattr(program, "run_checks", lambda context: iter([Finding("a", "A", GOOD, "well")]))
    assert output(capsys) == (0, "ok   A: well.\nAll checks passed\n")


def test_the_report_names_no_folder_of_the_user(capsys, folder):
    text = output(capsys, "--report", "--python", str(folder / "my projects/env/bin/python"))[1]
    assert "secret client" not in text
    assert "my projects" not in text
    assert str(folder) not in text
    assert "<chosen Python's folder>/python" in text
    assert "<data folder>" in text


@pytest.fixture
def anna(monkeypatch):
    """The context of a user and a machine with names."""
    monkeypatch.setattr(getpass, "getuser", lambda: "anna")
    monkeypatch.setattr(platform, "node", lambda: "Studio-PC.firm.example")
    monkeypatch.setattr(Path, "home", lambda: Path("/home/anna"))
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", "/srv/my weights")
    monkeypatch.setenv("BLENDER_USER_RESOURCES", "/srv/my blender/5.2")
    return Context(
        Path("/data/film"), Path("/data/film/jobs"), Path("/data/film/worker-env"), Path("/net/anna/env/bin/python")
    )


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/home/anna/.local/share/blender_text3d/weights", "~/.local/share/blender_text3d/weights"),
        ("/home/anna/clients/acme/python3", "~/…/python3"),
        ("/home/anna", "~"),
        (r"C:\Users\anna\AppData\Local\blender_text3d\jobs", r"~\AppData\Local\blender_text3d\jobs"),
        (r"C:\Users\Anna Smith\Desktop\x.py", "~"),
        ("/Users/bob/secret/thing.py failed", "~/…/thing.py failed"),
        ("/data/film/jobs/20260101-101010-a-red-chair-0a1b2c/x", "<jobs folder>/<job>/x"),
        ("/data/film/worker-env/bin/python", "<environment>/bin/python"),
        ("/net/anna/env/bin/python cannot", "<chosen Python's folder>/python cannot"),
        ("job 20260101-101010-a-red-chair-0a1b2c failed", "job <job> failed"),
        ("host studio-pc, Studio-PC.firm.example", "host <machine>, <machine>"),
        ("/media/anna/stick is full.", "…/stick is full."),
        ("/mnt/clients/acme/x.py: no", "…/x.py: no"),
        (r"D:\clients\acme\x.py", "…/x.py"),
        ("on the stick of anna.", "on the stick of <user>."),
        ("/srv/my blender/5.2/extensions/a", "<Blender's folder>/extensions/a"),
        ("/srv/my weights/shap-e", "<weights folder>/shap-e"),
        ("http://anna:pw@proxy/ and anna@mail.example", "http://proxy/ and <address>"),
        ("192.168.1.7 and 127.0.0.1", "<address> and 127.0.0.1"),
        ("/usr/bin/python3.11 savanna", "/usr/bin/python3.11 savanna"),
    ],
)
def test_private_data_is_removed(anna, text, wanted):
    told = report.redact(text, anna)
    assert told == wanted or (wanted == "~" and told.startswith("~") and "Anna" not in told)


def test_a_report_contains_no_prompt_user_home_or_machine(anna):
    lines = [Finding("x", "X", BAD, "/home/anna/jobs/20260101-101010-my-secret-idea-0a1b2c on Studio-PC for anna")]
    text = report.report_text(lines, anna)
    assert not [word for word in ("anna", "secret", "Studio", "/home") if word in text]
    assert text.startswith("blender_text3d ")


def test_the_report_contains_blenders_version_but_not_its_folder():
    context = default_context(blender={"version": "5.2.0", "online_access": True, "user_folder": "/x/anna/5.2"})
    assert "'5.2.0'" in report.report_text([], context)
    assert "anna" not in report.report_text([], context)


def test_the_child_returns_findings_and_the_report(folder):
    child = DoctorChild(data_folder="", python="", viewer="-x", blender={"version": "5.2.0"})
    child.start()
    child._process.wait(timeout=120)
    assert {"blender", "environment", "jobs"} <= {finding.check for finding in child.findings()}
    assert "Environment" in child.report()
    assert not child.is_late()
    child.remove_output()
    assert not child.output.parent.exists()
    assert child.findings() == []
    assert child.report() == ""
