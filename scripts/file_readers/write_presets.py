# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the object by every export preset, in a Python with Blender as a module, and print the paths as JSON.

Argument: the folder.
"""

import json
import sys
from pathlib import Path

import bpy

import blender_text3d
from blender_text3d.geometry import PointCloud
from blender_text3d.scene.importer import Result, import_result
from scripts.file_readers.sample import PRINT_HEIGHT_MM, ROTATION_DEG, SIZE_M, sample_mesh

PRINT = {"preset": "PRINT", "height_mm": PRINT_HEIGHT_MM, "base_mm": 0.0}
FILES = {
    ".glb, Game": ("game.glb", {"preset": "GAME"}),
    ".glb, Web": ("web.glb", {"preset": "WEB"}),
    ".glb, Web with Quantize": ("quantized.glb", {"preset": "WEB", "quantize": True}),
    ".3mf, Print 60 mm": ("print-preset.3mf", PRINT),
    ".stl, Print 60 mm": ("print-preset.stl", PRINT),
    ".usdz, USD": ("usd.usdz", {"preset": "USD"}),
    ".obj, OBJ": ("obj.obj", {"preset": "OBJ"}),
    ".fbx, FBX": ("fbx.fbx", {"preset": "FBX"}),
}
POINT_FILES = {f".{name} of points, Points": (f"points.{name}", {"preset": "POINTS"}) for name in ("ply", "glb", "usd")}
"""Name in the table: name of the file, and arguments of the operator."""


def main(folder: Path) -> None:
    """Write the files."""
    blender_text3d.register()
    mesh = sample_mesh()
    written = {}
    for files, geometry in ((FILES, (mesh, None)), (POINT_FILES, (None, PointCloud(mesh.vertices, mesh.colors)))):
        bpy.ops.wm.read_homefile(app_template="", use_empty=True)
        result = Result("job-1", "a red chair", {"prompt": "a red chair"}, *geometry, SIZE_M, (3, 2, 1), ROTATION_DEG)
        (target,) = import_result(result, bpy.context.scene)
        target.select_set(True)
        bpy.context.view_layer.update()
        for name, (file_name, options) in files.items():
            bpy.ops.text3d.export_asset(filepath=str(folder / file_name), **options)
            written[name] = str(folder / file_name)
    print("\nRESULTS " + json.dumps(written))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
