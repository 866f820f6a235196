# SPDX-License-Identifier: GPL-3.0-or-later
"""Read files with one library and print what it sees, as JSON. Runs in the library's own environment.

Arguments: trimesh, open3d, usd or blender, then paths. Each result has the box, and the color of the highest point
in the reader's own space: "linear" or "srgb".
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np


def main() -> None:
    """Print a list of results, one a file; what cannot be read has an error."""
    reader, *paths = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    results = []
    for path in paths:
        try:
            results.append(READERS[reader](path))
        except Exception as error:  # whatever a library raises is the result
            results.append({"error": f"{type(error).__name__}: {error!s:.80}"})
    print("\nRESULTS " + json.dumps(results))


def seen(points: np.ndarray, colors: np.ndarray | None, up: int, space: str, unit_m: float = 1.0) -> dict:
    """Return the box of points in meters, and the color of the highest one."""
    points = np.asarray(points, float) * unit_m
    if not len(points):
        return {"error": "nothing there"}
    top = int(points[:, up].argmax())
    color = None if colors is None or len(colors) != len(points) else np.asarray(colors, float)[top, :3].tolist()
    return {
        "low": points.min(axis=0).tolist(),
        "high": points.max(axis=0).tolist(),
        "top": points[top].tolist(),
        "up": up,
        "color": color,
        "space": space,
    }


def up_of(path: str) -> int:
    """Return the axis that points up in a format."""
    return 1 if Path(path).suffix in {".glb", ".obj", ".fbx"} else 2


def space_of(path: str) -> str:
    """Return the color space of the numbers in a format."""
    return "linear" if Path(path).suffix == ".glb" else "srgb"


def with_trimesh(path: str) -> dict:
    """Return what trimesh sees."""
    import trimesh

    loaded, transform = trimesh.load(path, process=False), np.eye(4)
    made = loaded
    if isinstance(loaded, trimesh.Scene):
        (node,) = loaded.graph.nodes_geometry
        transform, name = loaded.graph[node]
        made = loaded.geometry[name]
    unit_m = 0.001 if Path(path).suffix == ".3mf" else 1.0
    points = made.vertices @ transform[:3, :3].T + transform[:3, 3]
    texture = trimesh_texture(made)
    if texture is not None:
        return seen(points, texture, up_of(path), "srgb", unit_m)
    return seen(points, trimesh_colors(made), up_of(path), space_of(path), unit_m)


def trimesh_texture(made: Any) -> np.ndarray | None:
    """Return the colors of the texture at the vertices, in [0, 1], or None without a texture."""
    visual = getattr(made, "visual", None)
    if visual is None or visual.kind != "texture" or visual.uv is None:
        return None
    image = getattr(visual.material, "baseColorTexture", None) or getattr(visual.material, "image", None)
    return None if image is None else texels(np.asarray(image.convert("RGB")), visual.uv)


def texels(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the colors `(N, 3)` in [0, 1] of an image, top row first, at texture coordinates from its lower left."""
    height, width = image.shape[:2]
    columns = (np.asarray(places)[:, 0] * width).astype(int).clip(0, width - 1)
    rows = ((1 - np.asarray(places)[:, 1]) * height).astype(int).clip(0, height - 1)
    return image[rows, columns, :3] / 255


def trimesh_colors(made: Any) -> np.ndarray | None:
    """Return the colors that trimesh keeps, in [0, 1]: of the points, of the vertices, or beside a material."""
    visual = getattr(made, "visual", None)
    if visual is None:
        colors = made.colors
    elif visual.kind == "vertex":
        colors = visual.vertex_colors
    else:
        colors = getattr(visual, "vertex_attributes", {}).get("color")
    if colors is None:
        return None
    values = np.asarray(colors)
    return values / np.iinfo(values.dtype).max if values.dtype.kind in "ui" else values


def with_open3d(path: str) -> dict:
    """Return what open3d sees."""
    import open3d

    open3d.utility.set_verbosity_level(open3d.utility.VerbosityLevel.Error)
    mesh = open3d.io.read_triangle_mesh(path)
    images = [np.asarray(item) for item in mesh.textures if np.asarray(item).ndim == 3]
    if len(mesh.triangle_uvs) and images:
        image, corners = images[0], np.asarray(mesh.triangles).reshape(-1)
        # The corners of open3d's coordinates count from the upper left.
        colors = texels(image, np.asarray(mesh.triangle_uvs) * (1, -1) + (0, 1))
        return seen(np.asarray(mesh.vertices)[corners], colors, up_of(path), "srgb")
    if len(mesh.triangles):
        return seen(
            mesh.vertices, mesh.vertex_colors if mesh.has_vertex_colors() else None, up_of(path), space_of(path)
        )
    cloud = open3d.io.read_point_cloud(path)
    return seen(cloud.points, cloud.colors if cloud.has_colors() else None, up_of(path), space_of(path))


def with_usd(path: str) -> dict:
    """Return what OpenUSD sees."""
    from pxr import Usd, UsdGeom

    stage = Usd.Stage.Open(path)
    (shape,) = [prim for prim in stage.Traverse() if prim.IsA(UsdGeom.PointBased)]
    geometry = UsdGeom.PointBased(shape)
    colors = UsdGeom.PrimvarsAPI(shape).GetPrimvar("displayColor").Get()
    up = {"Y": 1, "Z": 2}[UsdGeom.GetStageUpAxis(stage)]
    matrix = np.array(UsdGeom.XformCache().GetLocalToWorldTransform(shape))
    points = np.asarray(geometry.GetPointsAttr().Get()) @ matrix[:3, :3] + matrix[3, :3]
    unit_m = UsdGeom.GetStageMetersPerUnit(stage)
    if path.endswith(".usdz"):
        corners = np.asarray(UsdGeom.Mesh(shape).GetFaceVertexIndicesAttr().Get())
        places = np.asarray(UsdGeom.PrimvarsAPI(shape).GetPrimvar("st").ComputeFlattened())
        return seen(points[corners], texels(usd_texture(stage), places), up, "srgb", unit_m)
    return seen(points, colors, up, "linear", unit_m)


def usd_texture(stage: Any) -> np.ndarray:
    """Return the image of the only texture of a stage, `(H, W, 3) uint8`."""
    import io

    from PIL import Image
    from pxr import Ar, UsdShade

    shaders = [UsdShade.Shader(prim) for prim in stage.Traverse() if prim.IsA(UsdShade.Shader)]
    (file,) = [shader.GetInput("file").Get() for shader in shaders if shader.GetIdAttr().Get() == "UsdUVTexture"]
    asset = Ar.GetResolver().OpenAsset(Ar.ResolvedPath(file.resolvedPath))
    return np.asarray(Image.open(io.BytesIO(bytes(asset.GetBuffer()))).convert("RGB"))


def with_blender(path: str) -> dict:
    """Return what Blender's importer makes of it."""
    import bpy

    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    suffix = Path(path).suffix
    if suffix == ".glb":
        bpy.ops.import_scene.gltf(filepath=path)
    elif suffix == ".fbx":
        bpy.ops.import_scene.fbx(filepath=path)
    elif suffix in {".usd", ".usdz"}:
        bpy.ops.wm.usd_import(filepath=path)
    elif suffix == ".3mf":
        raise ValueError("Blender has no importer")
    else:
        axes = {"forward_axis": "Y", "up_axis": "Z"} if suffix != ".obj" else {}
        getattr(bpy.ops.wm, f"{suffix[1:]}_import")(filepath=path, **axes)
    bpy.context.view_layer.update()
    (made,) = [item for item in bpy.data.objects if item.type in {"MESH", "POINTCLOUD"}]
    positions = made.data.attributes["position"].data
    points = np.empty(3 * len(positions))
    positions.foreach_get("vector", points)
    matrix = np.array(made.matrix_world)
    placed = points.reshape(-1, 3) @ matrix[:3, :3].T + matrix[:3, 3]
    texture = blender_texture(made)
    if texture is None:
        return seen(placed, blender_colors(made.data), 2, "linear")
    return seen(placed[[loop.vertex_index for loop in made.data.loops]], texture, 2, "srgb")


def blender_texture(made: Any) -> np.ndarray | None:
    """Return the colors of the texture at the corners, in [0, 1], or None without a texture."""
    trees = [material.node_tree for material in made.data.materials if material and material.node_tree]
    nodes = [node for tree in trees for node in tree.nodes if node.type == "TEX_IMAGE" and node.image]
    if not nodes or not made.data.uv_layers:
        return None
    image = nodes[0].image
    pixels = np.empty(image.size[0] * image.size[1] * image.channels, np.float32)
    image.pixels.foreach_get(pixels)
    rows = pixels.reshape(image.size[1], image.size[0], -1)[::-1] * 255
    places = np.empty(2 * len(made.data.loops), np.float32)
    made.data.uv_layers.active.uv.foreach_get("vector", places)
    return texels(rows, places.reshape(-1, 2))


def blender_colors(data: Any) -> np.ndarray | None:
    """Return a linear color for each point, of corners their last one."""
    kinds, others = {"FLOAT_COLOR", "BYTE_COLOR", "FLOAT_VECTOR"}, {"position", "normal", "custom_normal"}
    found = (item for item in data.attributes if item.data_type in kinds and item.name not in others)
    attribute = next(found, None)
    if attribute is None or not len(attribute.data):
        return None
    is_color = attribute.data_type != "FLOAT_VECTOR"
    values = np.empty((4 if is_color else 3) * len(attribute.data))
    attribute.data.foreach_get("color" if is_color else "vector", values)
    values = values.reshape(len(attribute.data), -1)
    if attribute.domain != "CORNER":
        return values
    corners = np.empty(len(data.loops), np.int32)
    data.loops.foreach_get("vertex_index", corners)
    colors = np.zeros((len(data.vertices), values.shape[1]))
    colors[corners] = values
    return colors


READERS = {"trimesh": with_trimesh, "open3d": with_open3d, "usd": with_usd, "blender": with_blender}

if __name__ == "__main__":
    main()
