# SPDX-License-Identifier: GPL-3.0-or-later
"""Write every format, read it with other programs, and print the table of docs/file-readers.md.

    python3 -m scripts.file_readers --write

Runs in a Python with numpy. open3d, trimesh and usd-core are installed into an environment of their own, and three,
Babylon.js, jsdom, pngjs and gltf-validator by npm, below the data folder; PrusaSlicer has to be on the PATH. A reader
that cannot be had is left out of the table.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from blender_text3d.system.user_folders import data_dir
from scripts.file_readers.sample import write_samples
from scripts.file_readers.verdict import verdict
from scripts.testing.environments import REPOSITORY, blender_env

PAGE = REPOSITORY / "docs" / "file-readers.md"
HERE = Path(__file__).parent
PACKAGES = ("open3d", "usd-core", "trimesh", "lxml", "networkx", "numpy", "pillow")
MODULES = ("three", "jsdom", "pngjs", "@babylonjs/core", "@babylonjs/loaders", "gltf-validator")
PRESET_BLENDER = "5.2"
READS = {
    "validator": (".glb",),
    "usd-core": (".usd", ".usdz"),
    "three.js": (".glb", ".ply", ".obj", ".stl", ".3mf", ".usd", ".usdz", ".fbx"),
    "Babylon.js": (".glb",),
    "open3d": (".glb", ".ply", ".obj", ".stl", ".fbx"),
    "trimesh": (".glb", ".ply", ".obj", ".stl", ".3mf"),
    "PrusaSlicer": (".obj", ".stl", ".3mf"),
    "Blender 4.2": (".glb", ".ply", ".obj", ".stl", ".usd", ".usdz", ".fbx"),
    "Blender 5.2": (".glb", ".ply", ".obj", ".stl", ".usd", ".usdz", ".fbx"),
}
"""The formats that each reader knows, as far as it can be run without a window."""
INTRODUCTION = """# Readers of our files

Made by `python3 -m scripts.file_readers --write`. One object with different sides, turned by 90° and 1.5 m long, was
written in every format and read by other programs. *same*: all sides, the foot at 0, the axes (its top is off the
center) and the color of its top, of a texture or a vertex, are those of the object in Blender. STL has no colors.

The first rows are what `generate.py` and batches write. Those with the name of a preset are what **Export** in Blender
5.2 writes of an object that stands off the origin; [from prompt to asset](from-prompt-to-asset.md) tells of them.

"""
NOTES = """
PrusaSlicer 2.5 also has to find a closed surface, and to slice the files with a print height. It prints in one color,
so colors are not compared, and it knows no points. three.js runs in Node with the XML parser of jsdom, Babylon.js with
its engine without a screen. Node decodes no images: the PNG of a GLB is decoded by pngjs, and *same size* means that a
texture was not looked at. three.js takes the numbers of FBX as they are, which are meters.

Not run: model-viewer, Unity, Unreal, Godot, MeshLab, Cura and other slicers, Quick Look.

What readers leave out, whoever wrote the file: Blender 4.2 drops the colors of points in a GLB; trimesh reads no colors
of 3MF, and its `to_geometry` drops those beside a material; open3d reads no points from GLB and OBJ, and positions of a
quantized GLB as no numbers; three.js reads no colors and no points from USD. A dash: the reader does not know the
format. Blender has no importer of 3MF.
"""


def main(arguments: list[str] | None = None) -> int:
    """Print the table, or write the page."""
    parser = argparse.ArgumentParser(prog="file_readers", description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(REPOSITORY)}")
    parser.add_argument("--only", nargs="*", help=f"readers to use: {', '.join(READS)} (all)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        samples = write_samples(Path(folder)) | preset_files(Path(folder))
        cells = {name: column(name, samples) for name in READS if not options.only or name in options.only}
    text = table({name: found for name, found in cells.items() if found}, list(samples))
    if options.write:
        PAGE.write_text(INTRODUCTION + text + NOTES, encoding="utf-8")
    print(text)
    return 0


def preset_files(folder: Path) -> dict[str, Path]:
    """Write the files of the export presets by Blender; none if it cannot be had."""
    try:
        python = blender_env(data_dir() / "test-envs", PRESET_BLENDER, lambda *_: None)
        command = [str(python), "-m", "scripts.file_readers.write_presets", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=True)
    except (OSError, subprocess.CalledProcessError, RuntimeError) as error:
        print(f"The presets are left out: {error} {getattr(error, 'stderr', '')[-400:]}", file=sys.stderr)
        return {}
    line = next(line for line in reversed(done.stdout.splitlines()) if line.startswith("RESULTS "))
    return {name: Path(path) for name, path in json.loads(line.removeprefix("RESULTS ")).items()}


def column(reader: str, samples: dict[str, Path]) -> dict[str, str]:
    """Return the cells of one reader by file; none if it cannot be had."""
    known = {name: path for name, path in samples.items() if path.suffix in READS[reader]}
    try:
        command = command_of(reader)
    except (OSError, subprocess.CalledProcessError, RuntimeError) as error:
        print(f"{reader} is left out: {error}", file=sys.stderr)
        return {}
    done = subprocess.run([*command, *map(str, known.values())], capture_output=True, text=True, cwd=REPOSITORY)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULTS ")]
    if not lines:
        print(f"{reader} failed: {done.stderr[-400:]}", file=sys.stderr)
        return {}
    results = json.loads(lines[-1].removeprefix("RESULTS "))
    return {name: verdict(name, result) for name, result in zip(known, results, strict=True)}


def command_of(reader: str) -> list[str]:
    """Return the command that reads files, after its environment was made.

    Raises:
        OSError, CalledProcessError, RuntimeError: The environment cannot be made.
    """
    script = str(HERE / "read_with_python.py")
    if reader.startswith("Blender "):
        version = reader.removeprefix("Blender ")
        return [str(blender_env(data_dir() / "test-envs", version, lambda *_: None)), script, "blender"]
    if reader in {"open3d", "trimesh", "usd-core"}:
        return [str(python_env()), script, reader.removesuffix("-core")]
    if reader == "PrusaSlicer":
        return [sys.executable, str(HERE / "read_with_slicer.py"), program_of("prusa-slicer")]
    node = program_of("node")
    kind = {"three.js": "three", "Babylon.js": "babylon"}.get(reader, "validator")
    return [node, str(HERE / "read_with_node.mjs"), kind, str(node_modules())]


def program_of(name: str) -> str:
    """Return the path of a program.

    Raises:
        RuntimeError: It is not installed.
    """
    program = shutil.which(name)
    if program is None:
        raise RuntimeError(f"{name} is not installed")
    return program


def python_env() -> Path:
    """Return the Python of the environment of open3d and usd-core, which is made if it is missing."""
    folder = data_dir() / "reader-envs" / "python"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    complete = folder / "complete"
    if not complete.exists() or complete.read_text(encoding="utf-8") != " ".join(PACKAGES):
        venv.create(folder, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PACKAGES], check=True)
        complete.write_text(" ".join(PACKAGES), encoding="utf-8")
    return python


def node_modules() -> Path:
    """Return the folder of the packages for node, which are installed if they are missing."""
    folder = data_dir() / "reader-envs" / "node"
    if not all((folder / "node_modules" / name).is_dir() for name in MODULES):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "install", "--prefix", str(folder), *MODULES], check=True, capture_output=True)
    return folder / "node_modules"


def table(cells: dict[str, dict[str, str]], files: list[str]) -> str:
    """Return the table as Markdown; a reader that does not know a format has a dash."""
    lines = ["| file | " + " | ".join(cells) + " |", "| --- " * (len(cells) + 1) + "|"]
    for name in files:
        row = [cells[reader].get(name, "–") for reader in cells]
        lines.append(f"| {name} | {' | '.join(row)} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
