# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report shows of paths, names and addresses, rule by rule."""

import getpass
import platform
from dataclasses import replace
from pathlib import Path

import pytest

from blender_text3d.doctor import report
from blender_text3d.doctor.context import Context
from blender_text3d.doctor.finding import BAD, Finding
from blender_text3d.protocol.version import ENGINE_VERSION


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """A machine of a user with a name, without variables of the add-on."""
    monkeypatch.setattr(getpass, "getuser", lambda: "anna")
    monkeypatch.setattr(platform, "node", lambda: "Studio-PC.firm.example")
    monkeypatch.setattr(Path, "home", lambda: Path("/home/anna"))
    for name in ("BLENDER_TEXT3D_WEIGHTS", "BLENDER_USER_RESOURCES"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def context() -> Context:
    return Context(Path("/data/film"), Path("/data/film/jobs"), Path("/data/film/worker-env"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Paths that are the same on every machine stay; all others lose their folders.
        *[(f"{prefix}x/python3 runs", f"{prefix}x/python3 runs") for prefix in
          ("/usr/", "/opt/", "/bin/", "/lib/", "/lib64/", "/snap/", "/Applications/", "/Library/")],
        (r"C:\Program Files\Python311\python.exe runs", r"C:\Program Files\Python311\python.exe runs"),
        (r"C:\Program Files (x86)\x.exe runs", r"C:\Program Files (x86)\x.exe runs"),
        ("/Library/Application Support/Blender/x runs", "/Library/Application Support/Blender/x runs"),
        ("/opt/my film/x runs", "…/x runs"),
        ("/srv/film/x.py runs", "…/x.py runs"),
        (r"\\nas\film\x.py runs", "…/x.py runs"),
        ("see /srv/film/x.py, /srv/y.py; and '/srv/z.py'", "see …/x.py, …/y.py; and '…/z.py'"),
        ("a/b and 3/4 and 1.5 MB/s", "a/b and 3/4 and 1.5 MB/s"),
        # In a home folder, those that programs choose stay.
        ("~/x/secret.py", "~/…/secret.py"),
        *[(f"/home/anna/{folder}/blender_text3d/x", f"~/{folder}/blender_text3d/x")
          for folder in (".local/share", ".config", "Library")],
        ("/home/anna/.pyenv/versions/3.11.7/bin/python", "~/.pyenv/versions/3.11.7/bin/python"),
        ("/home/anna/.local/share/uv/python/x", "~/.local/share/uv/python/x"),
        ("/home/anna/.config/secret/x", "~/…/x"),
        ("/home/anna/.cache/blender/x", "~/…/x"),
        ("/home/anna/.config/my blender/x", "~/…/x"),
        ("/Users/bob/Library/Application Support/Blender/x", "~/Library/Application Support/Blender/x"),
        (r"D:\Users\bob\AppData\Roaming\Blender Foundation\x", "~/…/x"),
        # Addresses, credentials and queries.
        ("from 10.1.2.3 to 127.0.0.1", "from <address> to 127.0.0.1"),
        ("from fe80::1%eth0 to ::1", "from <address> to ::1"),
        ("2001:db8:0:1:1:1:1:1 and 00:1b:44:11:3a:b7", "<address> and <address>"),
        ("version 2.13.0 at 12:30:45", "version 2.13.0 at 12:30:45"),
        ("write to a.b+c@mail.example now", "write to <address> now"),
        ("https://me:p@ss/w@host/simple?token=abc&x=1 failed", "https://host/simple?… failed"),
        ("https://host/simple failed", "https://host/simple failed"),
        # Prompts and names.
        ("20260101-101010-a-red-chair-0a1b2c", "<job>"),
        ("20260101-101010-a-red-chair", "20260101-101010-a-red-chair"),
        ("Anna, joanna and anna2", "<user>, joanna and anna2"),
        ("on STUDIO-PC and Studio-PC.firm.example", "on <machine> and <machine>"),
    ],
)  # fmt: skip
def test_each_rule(text, expected, context):
    assert report.redact(text, context) == expected


@pytest.mark.parametrize("name", ["", "localhost", "Blender", "python", "text3d", "x"])
def test_names_that_are_common_words_or_too_short_are_not_replaced(name, context, monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: name)
    monkeypatch.setattr(platform, "node", lambda: name)
    text = "Blender runs x of text3d with python on localhost"
    assert report.redact(text, context) == text


def test_a_name_of_two_letters_is_replaced(context, monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "jo")
    assert report.redact("jo ran it", context) == "<user> ran it"


@pytest.mark.parametrize("error", [OSError, KeyError, ImportError])
def test_an_unknown_user_has_no_name(error, monkeypatch):
    def unknown():
        raise error

    monkeypatch.setattr(getpass, "getuser", unknown)
    assert report.user_name() == ""


def test_a_machine_is_known_with_and_without_its_domain(monkeypatch):
    assert report.machine_names() == ["Studio-PC.firm.example", "Studio-PC"]
    monkeypatch.setattr(platform, "node", lambda: "pc")
    assert report.machine_names() == ["pc"]


@pytest.mark.parametrize(
    ("path", "part"),
    [("/a/b.py", "b.py"), (r"C:\a\b.py", "b.py"), ("/a/b/", "b"), (r"\\nas\x" + "\\", "x"), ("a", "a")],
)
def test_the_last_part_of_a_path(path, part):
    assert report.last_part(path) == part


def test_private_folders_are_named_longest_first(context, monkeypatch):
    assert report.private_folders(context) == [
        ("/data/film/worker-env", "<environment>"),
        ("/data/film/jobs", "<jobs folder>"),
        ("/data/film", "<data folder>"),
        ("/home/anna", "~"),
    ]
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", "/srv/my weights/")
    monkeypatch.setenv("BLENDER_USER_RESOURCES", "/srv/b")
    more = replace(context, own_python=Path("/srv/py/bin/python"), blender={"user_folder": "/srv/running/"})
    folders = dict(report.private_folders(more))
    assert folders["/srv/my weights"] == "<weights folder>"
    assert folders["/srv/b"] == folders["/srv/running"] == "<Blender's folder>"
    assert folders["/srv/py/bin"] == "<chosen Python's folder>"


def test_a_folder_that_has_a_name_already_keeps_it_and_public_ones_have_none(context, monkeypatch):
    monkeypatch.setenv("BLENDER_TEXT3D_WEIGHTS", "/data/film/")
    public = replace(context, own_python=Path("/usr/bin/python3"), env_dir=Path("/opt/env"))
    folders = dict(report.private_folders(public))
    assert folders["/data/film"] == "<data folder>"
    assert not {"/usr/bin", "/opt/env"} & folders.keys()


def test_the_home_folder_is_named_unless_it_is_the_root_or_the_data_folder(context, monkeypatch):
    monkeypatch.setattr(Path, "home", lambda: Path("/"))
    assert "/" not in dict(report.private_folders(context))
    monkeypatch.setattr(Path, "home", lambda: Path("/data/film"))
    assert dict(report.private_folders(context))["/data/film"] == "<data folder>"


def test_the_report_begins_with_the_versions_and_has_a_line_for_each_finding(context, monkeypatch):
    for name, value in (("system", "Linux"), ("release", "6.1"), ("machine", "x86_64"), ("python_version", "3.11.7")):
        monkeypatch.setattr(platform, name, lambda value=value: value)
    finding = Finding("a", "A", BAD, "no")
    head = f"blender_text3d {ENGINE_VERSION} on Linux 6.1 x86_64, Python 3.11.7"
    assert report.report_text([finding], context) == f"{head}\nBAD  A: no."
    blender = {"version": "5.2.0", "online_access": False, "user_folder": "/x", "torch": "auto"}
    facts = "Blender: {'version': '5.2.0', 'online_access': False}"
    assert report.report_text([finding], replace(context, blender=blender)) == f"{head}\n{facts}\nBAD  A: no."
