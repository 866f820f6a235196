# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that hands out objects starts at once: it starts what imports PyTorch before it imports anything else."""

import subprocess
import sys

import pytest

IMPORT = "import sys, blender_text3d.batch.command; print(*sys.modules)"

PACKAGES = {"torch", "scipy", "trimesh", "rerun", "ray", "numpy", "PIL", "psutil", "pyarrow"}
STARTS = """
import sys
from blender_text3d.batch import command
from blender_text3d.batch.__main__ import main

class Template:
    def __init__(self, python, request):
        print(*sys.modules)
        from blender_text3d.batch import local_command
        local_command.make_locally = self.made

    def made(self, *_, **__):
        print(*sys.modules)
        return 0

    def close(self):
        pass

command.MakerTemplate = Template
sys.exit(main(["--workers", "2", *sys.argv[1:]]))
"""


def imported(output):
    return {name.partition(".")[0] for name in output.split()}


def test_no_package_is_imported_before_workers_are_started():
    output = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True).stdout
    assert "blender_text3d" in imported(output)
    assert not imported(output) & PACKAGES


@pytest.mark.skipif(sys.platform != "linux", reason="forks")
def test_what_writes_the_manifest_is_imported_while_the_process_that_makers_are_forked_from_starts(tmp_path):
    (tmp_path / "list.txt").write_text("a red chair\na blue mug\n")
    files = ["--jobs", str(tmp_path / "list.txt"), "--out", str(tmp_path / "out")]
    run = subprocess.run([sys.executable, "-c", STARTS, *files], capture_output=True, text=True, check=True)
    before, after = run.stdout.splitlines()
    assert not imported(before) & PACKAGES
    assert "pyarrow.parquet" in after.split()
