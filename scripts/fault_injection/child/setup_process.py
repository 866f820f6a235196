# SPDX-License-Identifier: GPL-3.0-or-later
"""A process that replaces an environment by one with a tiny package, without network: setup_process.py ENV WHEELS."""

import os
import sys
from pathlib import Path

from blender_text3d.environment.create import create_environment
from blender_text3d.environment.requirements import Packages
from tests.environment.tiny_wheel import write_wheel


def main(env_dir: str, wheels: str) -> None:
    """Create the environment and print its Python."""
    write_wheel(Path(wheels), "tinyone", "1.0")
    own = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels}
    os.environ.update(own | {"BLENDER_TEXT3D_INSTALLER": "pip"})
    this = f"{sys.version_info.major}.{sys.version_info.minor}"
    tiny = Packages(("tinyone==1.0",), ("tinyone",), 0.01, (this,))
    print(create_environment(Path(env_dir), lambda *_: None, packages=tiny, python=sys._base_executable, force=True))


if __name__ == "__main__":
    main(*sys.argv[1:])
