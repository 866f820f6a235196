# SPDX-License-Identifier: GPL-3.0-or-later
"""The script makes and checks kits, keeps other files, and recognizes an unfinished kit."""

import sys
from argparse import Namespace

import pytest

from blender_text3d.environment.errors import SetupFailed
from blender_text3d.environment.offline.kit import MANIFEST, read_kit
from scripts import offline_kit
from tests.environment.conftest import tiny_packages
from tests.environment.tiny_wheel import write_wheel


@pytest.fixture
def no_download(monkeypatch):
    """Replace the download by writing a wheel."""

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


def refused(*arguments, **options):
    with pytest.raises(SetupFailed) as caught:
        done(*arguments, **options)
    return str(caught.value)


def test_a_folder_of_the_users_own_wheels_is_not_changed(tmp_path, tiny, no_download):
    (tmp_path / "wheels").mkdir()
    mine = write_wheel(tmp_path / "wheels", "mine", "1.0")
    for manifest in (None, "{}"):  # the second is another program's
        (tmp_path / MANIFEST).write_text(manifest) if manifest else None
        assert "contains other files, which were not changed" in refused("make", tmp_path, tiny)
        assert mine.exists()


def test_a_rebuilt_kit_loses_its_weights_and_keeps_other_files(tmp_path, tiny, no_download, weights):
    folder = tmp_path / "kit"
    assert done("make", folder, tiny, weights) == 0
    assert read_kit(folder).weights
    (folder / "note.txt").touch()
    assert done("make", folder, tiny) == 0
    assert read_kit(folder).weights is None
    assert sorted(path.name for path in folder.iterdir()) == [MANIFEST, "note.txt", "wheels"]


def test_a_file_added_to_a_kit_is_named_and_kept(tmp_path, tiny, no_download):
    folder = tmp_path / "kit"
    done("make", folder, tiny)
    mine = write_wheel(folder / "wheels", "mine", "1.0")
    assert f"{mine} does not belong to the kit" in refused("make", folder, tiny)
    assert mine.exists()
    assert read_kit(folder)


def test_an_unfinished_kit_is_refused_and_can_be_rebuilt(tmp_path, tiny, no_download, monkeypatch):
    folder = tmp_path / "kit"
    done("make", folder, tiny)

    def interrupted(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(offline_kit, "download", interrupted)
        with pytest.raises(KeyboardInterrupt):
            done("make", folder, tiny)
    assert "is not an offline kit" in refused("check", folder, tiny)
    assert done("make", folder, tiny) == 0 == done("check", folder, tiny)


def test_weights_are_not_packed_from_the_kit_itself(tmp_path, tiny, no_download, weights):
    folder = tmp_path / "kit"
    done("make", folder, tiny, weights)
    assert "is inside the kit" in refused("make", folder, tiny, folder / "weights")
    assert read_kit(folder).weights
    assert (folder / "weights" / "net.pt").exists()


def test_without_a_matching_python_the_kit_is_not_changed(tmp_path, no_download):
    packages = tiny_packages("tinyone==1.0")
    folder = tmp_path / "kit"
    done("make", folder, packages)
    output = refused("make", folder, packages, python="/no/such/python")
    assert "/no/such/python is not a working Python" in output
    assert f"no kit was made in {folder}" in output
    assert "--python" in output
    assert read_kit(folder)


def test_the_check_prints_what_a_kit_is_for_and_whether_it_can_be_installed(tmp_path, tiny, no_download, capsys):
    folder = tmp_path / "kit"
    done("make", folder, tiny)
    kit = read_kit(folder)
    assert done("check", folder, tiny) == 0
    output = capsys.readouterr().out
    assert f"for Python {kit.python} on {kit.system}" in output
    assert "It can be installed here with" in output
    assert done("check", folder, tiny, python="/no/such/python") == 1
    output = capsys.readouterr().out
    assert "It cannot be installed here: /no/such/python" in output
    assert f"the kit in {folder} cannot be installed here" in output
