#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Build the zip that a user installs in Blender: dist/blender_text3d-VERSION.zip.

    python scripts/build_extension.py [--out dist] [--blender PATH]

The repository keeps the manifest above the package, as a source tree reads best; Blender wants it beside the
package's __init__.py. So the zip is written here, the same bytes from the same files on every machine, and then
shown to Blender's own validator where a Blender or a bpy module is at hand.
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
BESIDE_THE_PACKAGE = ("blender_manifest.toml", "LICENSE")
LEFT_OUT = {"__pycache__", ".DS_Store", "tests"}
VALIDATOR = "bpy/*/scripts/addons_core/bl_pkg/cli/blender_ext.py"


def main() -> int:
    """Exit code 0 when the zip is written and no validator objects."""
    options = _options()
    zip_path = build(Path(options.out))
    print(zip_path)
    command = validator(options.blender)
    if command is None:
        print("not validated: no Blender on PATH (or --blender PATH) and no bpy module in this Python")
        return 0
    return subprocess.run([*command, str(zip_path)]).returncode


def build(out_dir: Path) -> Path:
    """Write the zip.

    Returns:
        Its path, named after the manifest's id and version.
    """
    manifest = tomllib.loads((REPOSITORY / "blender_manifest.toml").read_text(encoding="utf-8"))
    out_dir.mkdir(parents=True, exist_ok=True)
    zip_path = (out_dir / f"{manifest['id']}-{manifest['version']}.zip").absolute()
    with zipfile.ZipFile(zip_path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in sorted(_contents()):
            _write(archive, name, path)
    return zip_path


def validator(blender: str = "") -> list[str] | None:
    """A command that validates the zip named after it; None where neither Blender nor bpy is at hand.

    Args:
        blender: Path of a Blender to use; "" looks on PATH.
    """
    blender = blender or shutil.which("blender") or ""
    if blender:
        return [blender, "--command", "extension", "validate"]
    scripts = (script for folder in sys.path if folder for script in Path(folder).glob(VALIDATOR))
    return next(([sys.executable, str(script), "validate"] for script in scripts), None)


def _contents() -> Iterator[tuple[str, Path]]:
    """Names inside the zip with the files that they come from."""
    yield from ((name, REPOSITORY / name) for name in BESIDE_THE_PACKAGE)
    for path in PACKAGE.rglob("*"):
        if path.is_file() and not LEFT_OUT & set(path.relative_to(PACKAGE).parts):
            yield path.relative_to(PACKAGE).as_posix(), path


def _write(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    entry = zipfile.ZipInfo(name)  # its date is fixed, where ZipFile.write would take the file's
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, path.read_bytes())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=str(REPOSITORY / "dist"), help="folder for the zip (%(default)s)")
    parser.add_argument("--blender", default="", help="a Blender that validates the zip; one on PATH is found")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
