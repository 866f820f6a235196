# SPDX-License-Identifier: GPL-3.0-or-later
"""Real environments are created, replaced after a change, and kept if the new one fails."""

import subprocess
import sys
from dataclasses import replace

import pytest

from blender_text3d.environment import lock
from blender_text3d.environment.check import find_problems, is_ready
from blender_text3d.environment.create import create_environment
from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.lock import hold_lock
from blender_text3d.environment.manifest import Manifest, read_manifest, write_manifest
from blender_text3d.environment.paths import log_path, worker_python
from blender_text3d.environment.smoke_test_result import FILE_NAME, read_test_result
from tests.environment.conftest import tiny_packages
from tests.environment.tiny_wheel import write_wheel

pytestmark = pytest.mark.slow


def version_in(env_dir, module):
    command = [worker_python(env_dir), "-c", f"from importlib.metadata import version; print(version('{module}'))"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_new_environment_contains_the_packages_and_has_no_problems(tmp_path, wheels, tiny, report, news):
    env_dir = tmp_path / "with spaces and ü" / "env"
    python = create_environment(env_dir, report, packages=tiny, python=sys.executable)
    assert python == worker_python(env_dir)
    assert version_in(env_dir, "tinyone") == "1.0"
    assert find_problems(env_dir, tiny) == []
    assert news[-1][1] == 1.0
    assert [share for _, share in news] == sorted(share for _, share in news)

    written = (python.parents[1] / "pyvenv.cfg").stat().st_mtime_ns  # a ready environment is not changed
    assert create_environment(env_dir, report, packages=tiny, python="no such python") == python
    assert (python.parents[1] / "pyvenv.cfg").stat().st_mtime_ns == written


@pytest.mark.usefixtures("copied_venv")
def test_an_interrupted_setup_is_recognized_and_repeated(tmp_path, wheels, tiny, report):
    env_dir = tmp_path / "env"
    env_dir.mkdir()
    write_manifest(env_dir, Manifest("making", tiny.sha256, "x"))
    (env_dir / "7").mkdir()
    (env_dir / "thesis.txt").touch()
    assert "is incomplete" in find_problems(env_dir, tiny)[0].message
    create_environment(env_dir, report, packages=tiny, python=sys.executable)
    assert is_ready(env_dir, tiny)
    assert not (env_dir / "7").exists()
    assert (env_dir / "thesis.txt").exists()


@pytest.mark.usefixtures("copied_venv")
def test_the_old_version_stays_in_use_until_a_new_one_passes_its_test(tmp_path, wheels, tiny, report):
    env_dir = tmp_path / "env"
    old = create_environment(env_dir, report, packages=tiny, python=sys.executable)
    write_wheel(wheels, "tinyone", "2.0", "raise ImportError('a library is missing')")
    updated = tiny_packages("tinyone==2.0")
    assert "another version" in find_problems(env_dir, updated)[0].message
    with pytest.raises(SetupFailed, match="do not work"):
        create_environment(env_dir, report, packages=updated, python=sys.executable)
    assert worker_python(env_dir) == old
    assert find_problems(env_dir, tiny) == []
    assert [path.name for path in env_dir.iterdir() if path.is_dir()] == ["1"]

    write_wheel(wheels, "tinyone", "2.0")
    assert create_environment(env_dir, report, packages=updated, python=sys.executable) != old
    assert not old.exists()
    assert version_in(env_dir, "tinyone") == "2.0"
    assert find_problems(env_dir, updated) == []


@pytest.mark.usefixtures("copied_venv")
def test_downloads_are_kept_until_an_environment_is_ready(tmp_path, wheels, tiny, report):
    env_dir = tmp_path / "env"
    (env_dir / "uv-cache").mkdir(parents=True)
    write_manifest(env_dir, Manifest("making", tiny.sha256, "x"))
    with pytest.raises(SetupFailed):
        create_environment(env_dir, report, packages=tiny_packages("nosuchpackage==3.0"), python=sys.executable)
    assert (env_dir / "uv-cache").exists()
    create_environment(env_dir, report, packages=tiny, python=sys.executable)
    assert not (env_dir / "uv-cache").exists()


@pytest.mark.usefixtures("copied_venv")
def test_an_environment_without_its_python_is_created_again(tmp_path, wheels, tiny, report):
    env_dir = tmp_path / "env"
    create_environment(env_dir, report, packages=tiny, python=sys.executable)
    worker_python(env_dir).unlink()
    assert "no longer exists" in find_problems(env_dir, tiny)[0].message
    create_environment(env_dir, report, packages=tiny, python=sys.executable)
    assert version_in(env_dir, "tinyone") == "1.0"


@pytest.mark.usefixtures("copied_venv")
def test_a_copied_python_without_its_base_is_created_again(tmp_path, wheels, tiny, report):
    env_dir = tmp_path / "env"
    python = create_environment(env_dir, report, packages=tiny, python=sys.executable)
    python.unlink()
    python.touch(mode=0o755)  # as on Windows, where an environment contains a copy instead of a link
    assert find_problems(env_dir, tiny) == []
    write_manifest(env_dir, replace(read_manifest(env_dir), base_python=str(tmp_path / "Blender 9" / "python.exe")))
    assert f"{tmp_path / 'Blender 9' / 'python.exe'}, which no longer exists" in find_problems(env_dir, tiny)[0].message
    create_environment(env_dir, report, packages=tiny, python=sys.executable)
    assert version_in(env_dir, "tinyone") == "1.0"


@pytest.mark.usefixtures("copied_venv")
def test_an_environment_whose_packages_cannot_be_imported_is_not_ready(tmp_path, wheels, report):
    write_wheel(wheels, "broken", "1.0", "raise ImportError('a library is missing')")
    packages = tiny_packages("broken==1.0", modules=("broken",))
    with pytest.raises(SetupFailed, match="installed but do not work.*a library is missing"):
        create_environment(tmp_path / "env", report, packages=packages, python=sys.executable)
    assert read_manifest(tmp_path / "env").state == "making"
    assert "a library is missing" in log_path(tmp_path / "env").read_text()


@pytest.mark.usefixtures("copied_venv")
def test_the_cpu_build_of_torch_is_installed_from_the_users_package_source(tmp_path, wheels, report):
    write_wheel(wheels, "torch", "9.9.0+cpu")
    write_wheel(wheels, "torch", "9.9.0")
    packages = tiny_packages("torch==9.9.0", modules=("torch",))
    create_environment(tmp_path / "env", report, packages=packages, python=sys.executable, torch="cpu")
    assert version_in(tmp_path / "env", "torch") == "9.9.0+cpu"


@pytest.mark.usefixtures("copied_venv")
def test_the_result_records_the_requested_and_the_installed_build(tmp_path, wheels, report):
    write_wheel(wheels, "torch", "9.9.0+cpu")
    packages = tiny_packages("torch==9.9.0", modules=("torch",))
    python = create_environment(tmp_path / "env", report, packages=packages, python=sys.executable, torch="cpu")
    result = read_test_result(python.parents[1] / FILE_NAME)
    assert (result.requested_build, result.build, result.requested_python) == ("cpu", "cpu", sys.executable)


def test_a_second_setup_is_refused_while_the_first_runs(tmp_path, tiny, report, monkeypatch):
    monkeypatch.setattr(lock, "RETRY_FOR_S", 0.0)
    with hold_lock(tmp_path / "env") as is_acquired:
        assert is_acquired
        assert "being created" in find_problems(tmp_path / "env", tiny)[0].message
        with pytest.raises(SetupFailed, match="Another process is using"):
            create_environment(tmp_path / "env", report, packages=tiny)
    assert "Setup has not been run" in find_problems(tmp_path / "env", tiny)[0].message
