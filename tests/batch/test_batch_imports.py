# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that hands out objects and writes their files starts at once: PyTorch is imported by workers alone."""

import subprocess
import sys

IMPORT = "import sys, blender_text3d.batch.command; print(*sys.modules)"


def test_neither_torch_nor_scipy_is_imported():
    output = subprocess.run([sys.executable, "-c", IMPORT], capture_output=True, text=True, check=True).stdout
    imported = {name.partition(".")[0] for name in output.split()}
    assert "numpy" in imported
    assert not imported & {"torch", "scipy", "trimesh", "rerun", "ray"}
