#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the zip that a user installs in Blender: dist/blender_text3d-VERSION.zip.

    python scripts/build_extension.py [--out dist] [--blender PATH]

The repository keeps the manifest above the package; Blender expects it next to the package's __init__.py. The zip has
the same bytes on every machine, and is checked by Blender's own validator if a Blender or a bpy module is available.
"""

import argparse
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "blender_text3d"
NEXT_TO_PACKAGE = ("blender_manifest.toml", "LICENSE")
EXCLUDED = {"__pycache__", ".DS_Store", "tests"}
VALIDATOR = "bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"


def main() -> int:
    """Return exit code 0 if the zip is written and valid."""
    options = _options()
    zip_path = build(Path(options.out))
    print(zip_path)
    command = validator(options.blender)
    if command is None:
        print("not validated: no Blender on PATH (or --blender PATH) and no bpy module in this Python")
        return 0
    return subprocess.run([*command, str(zip_path)]).returncode


def build(out_dir: Path) -> Path:
    """Write the zip, named after the manifest's ID and version; returns its path."""
    manifest = tomllib.loads((REPOSITORY / "blender_manifest.toml").read_text(encoding="utf-8"))
    out_dir.mkdir(parents=True, exist_ok=True)
    zip_path = (out_dir / f"{manifest['id']}-{manifest['version']}.zip").absolute()
    with zipfile.ZipFile(zip_path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(_contents()):
            _write(archive, name, path)
    return zip_path


def validator(blender: str = "") -> list[str] | None:
    """Return a command that validates a zip, or None without Blender and bpy.

    Args:
        blender: Path of Blender; "" searches PATH.
    """
    blender = blender or shutil.which("blender") or ""
    if blender:
        return [blender, "--command", "extension", "validate"]
    scripts = (script for folder in sys.path if folder for script in Path(folder).glob(VALIDATOR))
    return next(([sys.executable, str(script), "validate"] for script in scripts), None)


def _contents() -> Iterator[tuple[str, Path]]:
    """Yield the names in the zip and their source files."""
    yield from ((name, REPOSITORY / name) for name in NEXT_TO_PACKAGE)
    for path in PACKAGE.rglob("*"):
        if path.is_file() and not EXCLUDED & set(path.relative_to(PACKAGE).parts):
            yield path.relative_to(PACKAGE).as_posix(), path


def _write(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    entry = zipfile.ZipInfo(name)  # with a fixed date, unlike ZipFile.write
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, path.read_bytes())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=str(REPOSITORY / "dist"), help="folder for the zip (%(default)s)")
    parser.add_argument("--blender", default="", help="Blender that validates the zip (found on PATH)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
