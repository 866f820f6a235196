# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that hands out objects starts at once: it starts what imports PyTorch before it imports anything else."""

import subprocess
import sys

IMPORT = "import sys, blender_text3d.batch.command; print(*sys.modules)"


def test_no_package_is_imported_before_workers_are_started():
    output = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True).stdout
    imported = {name.partition(".")[0] for name in output.split()}
    assert "blender_text3d" in imported
    assert not imported & {"torch", "scipy", "trimesh", "rerun", "ray", "numpy", "PIL", "psutil", "pyarrow"}
