# SPDX-License-Identifier: GPL-3.0-or-later
"""A module of a package run by another Python, without the modules of its neighbors."""

import subprocess
import sys

from blender_text3d.system.run_module import python_options


def test_a_module_is_run_as_main_with_its_arguments_and_without_shadowed_modules(tmp_path):
    package, elsewhere = tmp_path / "extensions" / "package", tmp_path / "elsewhere"
    package.mkdir(parents=True)
    elsewhere.mkdir()
    for folder in (package.parent, elsewhere):
        (folder / "json.py").write_text("raise RuntimeError('a neighbor was imported')")
    (package / "__init__.py").write_text("")
    (package / "words.py").write_text("WORDS = 'from the package'")
    (package / "say.py").write_text(
        "import json, sys\nfrom .words import WORDS\nprint(json.dumps([__name__, WORDS, sys.argv[1:], sys.path[-1]]))"
    )
    command = [sys.executable, "-B", *python_options(package, "say"), "one", "two three"]
    done = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.stdout == f'["__main__", "from the package", ["one", "two three"], "{package.parent}"]\n'
