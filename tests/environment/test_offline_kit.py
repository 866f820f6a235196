# SPDX-License-Identifier: GPL-3.0-or-later
"""Making and checking a kit by its script: what it leaves alone, and what an unfinished kit is."""

import sys
from argparse import Namespace

import pytest

from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.offline.kit import MANIFEST, read_kit
from scripts import offline_kit
from tests.environment.conftest import tiny_packages
from tests.environment.tiny_wheel import write_wheel


@pytest.fixture
def fetched(monkeypatch):
    """Instead of a download a wheel is written."""

    def download(python, packages, build, wheels):
        write_wheel(wheels, "tinyone", "1.0")
        return []

    monkeypatch.setattr(offline_kit, "download", download)


@pytest.fixture
def weights(tmp_path):
    folder = tmp_path / "my weights"
    folder.mkdir()
    (folder / "net.pt").write_bytes(b"some weights")
    return folder


def done(action, folder, packages, weights=None, python=sys.executable):
    options = Namespace(kit=folder, python=python, torch="default", weights=weights)
    return offline_kit.ACTIONS[action](options, packages)


def refused(*words, **more):
    with pytest.raises(SetupFailed) as caught:
        done(*words, **more)
    return str(caught.value)


def test_a_folder_of_wheels_of_the_users_own_is_left_alone(tmp_path, tiny, fetched):
    (tmp_path / "wheels").mkdir()
    mine = write_wheel(tmp_path / "wheels", "mine", "1.0")
    for manifest in (None, "{}"):  # the second is another program's
        (tmp_path / MANIFEST).write_text(manifest) if manifest else None
        assert "holds other files, and they are left alone" in refused("make", tmp_path, tiny)
        assert mine.exists()


def test_a_kit_is_made_anew_without_the_models_that_it_had(tmp_path, tiny, fetched, weights):
    folder = tmp_path / "kit"
    assert done("make", folder, tiny, weights) == 0 and read_kit(folder).weights
    (folder / "note.txt").touch()
    assert done("make", folder, tiny) == 0 and read_kit(folder).weights is None
    assert sorted(path.name for path in folder.iterdir()) == [MANIFEST, "note.txt", "wheels"]


def test_what_was_put_between_a_kits_files_is_named_and_stays(tmp_path, tiny, fetched):
    folder = tmp_path / "kit"
    done("make", folder, tiny)
    mine = write_wheel(folder / "wheels", "mine", "1.0")
    assert f"{mine} is not of the kit" in refused("make", folder, tiny)
    assert mine.exists() and read_kit(folder)


def test_a_kit_whose_making_was_broken_off_is_none_and_can_be_made_again(tmp_path, tiny, fetched, monkeypatch):
    folder = tmp_path / "kit"
    done("make", folder, tiny)

    def crash_finding(*words):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(offline_kit, "download", crash_finding)
        done("make", folder, tiny)
    assert "There is no offline kit" in refused("check", folder, tiny)
    assert done("make", folder, tiny) == 0 == done("check", folder, tiny)


def test_models_are_not_taken_from_the_kit_that_is_emptied(tmp_path, tiny, fetched, weights):
    folder = tmp_path / "kit"
    done("make", folder, tiny, weights)
    assert "lie in the kit itself" in refused("make", folder, tiny, folder / "weights")
    assert read_kit(folder).weights and (folder / "weights" / "net.pt").exists()


def test_without_a_fitting_python_the_kit_and_the_option_are_named_and_nothing_is_touched(tmp_path, fetched):
    packages = tiny_packages("tinyone==1.0")
    folder = tmp_path / "kit"
    done("make", folder, packages)
    said = refused("make", folder, packages, python="/no/such/python")
    assert "/no/such/python is not a Python" in said and f"no kit was made in {folder}" in said and "--python" in said
    assert read_kit(folder)


def test_the_check_says_for_what_a_kit_is_and_whether_this_machine_fits(tmp_path, tiny, fetched, capsys):
    folder = tmp_path / "kit"
    done("make", folder, tiny)
    kit = read_kit(folder)
    assert done("check", folder, tiny) == 0
    said = capsys.readouterr().out
    assert f"for Python {kit.python} on {kit.system}" in said and "It does for this machine, whose" in said
    assert done("check", folder, tiny, python="/no/such/python") == 1
    said = capsys.readouterr().out
    assert "It does not do here: /no/such/python" in said and f"the kit in {folder} cannot be installed here" in said
