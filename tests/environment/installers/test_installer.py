# SPDX-License-Identifier: GPL-3.0-or-later
"""uv installs if it can, else pip; and the attempts of a step are tried in turn."""

import pytest

from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.installers import installer as installer_module
from blender_text3d.environment.installers.install_plan import InstallStep
from blender_text3d.environment.installers.installer import Installer, find_installer
from blender_text3d.system.run_logged import Log

THREE = InstallStep("PyTorch", (("one",), ("two",), ("three",)), ("", "Two was taken.", ""))


class Tool:
    """A double of uv or pip: raises the error of each call in turn, and records the calls."""

    python = "/env/bin/python"

    def __init__(self, tool, *errors):
        self.tool, self.errors, self.calls = tool, list(errors), []

    def install(self, arguments, name, report):
        self.calls.append((arguments, name))
        report(f"{self.tool} works", 0.5)
        error = self.errors.pop(0) if self.errors else None
        if error:
            raise error

    def name(self):
        return f"{self.tool} 9.9"


def failure(reason: str = "") -> SetupFailed:
    return SetupFailed("It broke.", "Mend it.", reason=reason)


@pytest.fixture
def log(tmp_path) -> Log:
    return Log(tmp_path / "log")


def test_the_first_attempt_that_works_is_the_last_and_its_note_is_kept(log, report):
    pip = Tool("pip", failure("wrong_hash"))
    installer = Installer(pip, None, log)
    installer.install(THREE, report)
    assert pip.calls == [(("one",), "PyTorch"), (("two",), "PyTorch")]
    assert installer.notes == ["Two was taken."]
    assert log.path.read_text() == "It broke. Mend it.\nTwo was taken.\n"


def test_an_attempt_without_a_note_adds_none(log, report):
    installer = Installer(Tool("pip"), None, log)
    installer.install(THREE, report)
    assert installer.notes == []
    assert not log.path.exists()


def test_the_error_of_the_last_attempt_is_raised_if_none_works(log, report):
    pip = Tool("pip", failure(), failure(), SetupFailed("The end.", "Stop."))
    with pytest.raises(SetupFailed, match="The end. Stop."):
        Installer(pip, None, log).install(THREE, report)
    assert len(pip.calls) == 3


@pytest.mark.parametrize("reason", ["disk_full", "not_writable"])
def test_a_disk_that_cannot_be_written_ends_the_attempts(reason, log, report):
    pip = Tool("pip", failure(reason))
    with pytest.raises(SetupFailed, match="It broke."):
        Installer(pip, None, log).install(THREE, report)
    assert len(pip.calls) == 1


def test_pip_is_not_used_while_uv_works(log, report, news):
    uv, pip = Tool("uv"), Tool("pip")
    installer = Installer(pip, uv, log)
    installer.install(THREE, report)
    assert (len(uv.calls), len(pip.calls)) == (1, 0)
    assert installer.name() == "uv 9.9"
    assert news == [("uv works", 0.5)]


@pytest.mark.parametrize("error", [failure(), OSError("no program")])
def test_pip_takes_over_for_good_if_uv_fails_for_a_reason_of_its_own(error, log, report, news):
    uv, pip = Tool("uv", error), Tool("pip")
    installer = Installer(pip, uv, log)
    installer.install(THREE, report)
    assert (len(uv.calls), len(pip.calls)) == (1, 1)
    assert installer.name() == "pip 9.9"
    assert news == [("uv works", 0.5), ("uv failed; trying pip", 0.0), ("pip works", 0.5)]
    assert log.path.read_text() == (
        f"uv failed ({error}); using pip instead.\npip succeeded where uv failed, and installs the rest.\n"
    )


def test_uv_is_kept_for_the_next_attempt_if_pip_fails_as_well(log, report):
    uv, pip = Tool("uv", failure()), Tool("pip", failure())
    installer = Installer(pip, uv, log)
    installer.install(THREE, report)
    assert [len(uv.calls), len(pip.calls)] == [2, 1]
    assert installer.name() == "uv 9.9"
    assert installer.notes == ["Two was taken."]


@pytest.mark.parametrize("reason", ["wrong_hash", "disk_full", "not_writable"])
def test_pip_is_not_tried_for_a_failure_that_it_would_have_too(reason, log, report):
    uv, pip = Tool("uv", failure(reason)), Tool("pip")
    with pytest.raises(SetupFailed):
        Installer(pip, uv, log).install(InstallStep("x", (("one",),), ("",)), report)
    assert pip.calls == []


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine whose uv is `found`; the arguments of the search for it."""
    seen = {"found": tmp_path / "env" / "uv" / "bin" / "uv"}

    def find_uv(env_dir, pip, log, *, may_download):
        seen.update(env_dir=env_dir, python=pip.python, may_download=may_download)
        return seen["found"]

    monkeypatch.delenv("BLENDER_TEXT3D_INSTALLER", raising=False)
    monkeypatch.setattr(installer_module, "find_uv", find_uv)
    monkeypatch.setattr(installer_module, "read_pip_config", lambda python, log: {"for": str(python)})
    monkeypatch.setattr(installer_module, "uv_variables", lambda settings: {"A": settings["for"], "UV_LINK_MODE": "x"})
    monkeypatch.setattr(installer_module, "uv_cache_variables", lambda env_dir, uv: {"UV_LINK_MODE": f"{env_dir} {uv}"})
    return seen


@pytest.mark.parametrize("is_offline", [False, True])
def test_uv_is_searched_and_only_downloaded_with_a_network(is_offline, machine, tmp_path, log):
    env_dir, python = tmp_path / "env", tmp_path / "env" / "1" / "bin" / "python"
    found = find_installer(env_dir, python, log, is_offline=is_offline)
    assert (machine["env_dir"], machine["python"], machine["may_download"]) == (env_dir, python, not is_offline)
    assert (found.uv.program, found.uv.python, found.uv.log) == (machine["found"], python, log)
    assert found.uv.variables == {"A": str(python), "UV_LINK_MODE": f"{env_dir} {machine['found']}"}
    assert (found.pip.python, found.pip.log, found.log, found.notes) == (python, log, log, [])


def test_uv_may_be_downloaded_unless_it_is_said_otherwise(machine, tmp_path, log):
    find_installer(tmp_path, tmp_path / "python", log)
    assert machine["may_download"] is True


def test_without_uv_pip_installs(machine, tmp_path, log):
    machine["found"] = None
    found = find_installer(tmp_path, tmp_path / "python", log)
    assert (found.uv, found.pip.python) == (None, tmp_path / "python")


def test_the_variable_disables_uv_without_a_search(machine, tmp_path, log, monkeypatch):
    monkeypatch.setenv("BLENDER_TEXT3D_INSTALLER", "pip")
    assert find_installer(tmp_path, tmp_path / "python", log).uv is None
    assert "env_dir" not in machine
    monkeypatch.setenv("BLENDER_TEXT3D_INSTALLER", "uv")
    assert find_installer(tmp_path, tmp_path / "python", log).uv


@pytest.mark.parametrize("is_custom", [False, True])
def test_a_custom_source_is_looked_for_in_the_environments_own_pip(is_custom, machine, log, monkeypatch):
    monkeypatch.setattr(installer_module, "has_custom_source", lambda settings: is_custom and bool(settings["for"]))
    assert Installer(Tool("pip"), None, log).has_custom_source() is is_custom
