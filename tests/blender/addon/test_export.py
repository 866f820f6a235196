# SPDX-License-Identifier: GPL-3.0-or-later
"""Export of the selected objects by presets, and Points to Mesh, as scripts and buttons call them."""

import json
import re
import warnings
import zipfile
from pathlib import Path

import bpy
import numpy as np
import pytest

from blender_text3d.scene.material import build_nodes
from blender_text3d.scene.point_cloud import default_radius, new_cloud_object
from blender_text3d.scene.recipe import write_recipe
from tests.blender.recording_layout import RecordingLayout
from tests.exports.test_glb import accessor, glb_parts

POINTS = np.random.default_rng(1).random((30, 3), np.float32)
COLORS = np.random.default_rng(2).integers(0, 256, (30, 3)).astype(np.float32) / 255


def add_cloud(name="points", location=(0, 0, 0), times=1):
    target = new_cloud_object(name, np.tile(POINTS, (times, 1)), np.tile(COLORS, (times, 1)))
    bpy.context.scene.collection.objects.link(target)
    target.location = location
    target.select_set(True)
    bpy.context.view_layer.objects.active = target
    bpy.context.view_layer.update()
    return target


def ply_vertices(path):
    header, _, body = path.read_bytes().partition(b"end_header\n")
    kinds = {"float": "<f4", "uchar": "u1"}
    fields = re.findall(r"property (\w+) (\w+)", header.decode())
    return np.frombuffer(body, np.dtype([(name, kinds[kind]) for kind, name in fields]))


def export(path, **options):
    return bpy.ops.text3d.export_asset(filepath=str(path), **options)


def test_a_ply_holds_points_colors_and_radii_in_meters(addon, scene, tmp_path):
    add_cloud(location=(1, 2, 3))
    scene.unit_settings.scale_length = 0.01
    assert export(tmp_path / "cloud.ply", preset="POINTS") == {"FINISHED"}
    found = ply_vertices(tmp_path / "cloud.ply")
    np.testing.assert_allclose(np.stack([found[axis] for axis in "xyz"], axis=1), POINTS * 0.01, rtol=1e-5)
    colors = np.stack([found[name] for name in ("red", "green", "blue")], axis=1)
    np.testing.assert_array_equal(colors, np.rint(COLORS * 255))
    np.testing.assert_allclose(found["radius"], default_radius(POINTS) * 0.01, rtol=1e-5)


def test_the_suffix_of_the_file_chooses_the_format(addon, scene, tmp_path):
    add_cloud()
    export(tmp_path / "cloud.v2.glb", preset="POINTS")
    tree, binary = glb_parts((tmp_path / "cloud.v2.glb").read_bytes())
    (primitive,) = tree["meshes"][0]["primitives"]
    x, y, z = accessor(tree, binary, primitive["attributes"]["POSITION"]).T
    np.testing.assert_allclose(np.stack([x, -z, y], axis=1), POINTS, rtol=1e-6)
    radii = accessor(tree, binary, primitive["attributes"]["_RADIUS"])
    np.testing.assert_allclose(radii, default_radius(POINTS), rtol=1e-5)
    export(tmp_path / "cloud.v2.glb", preset="POINTS", points_format=".usd")
    text = (tmp_path / "cloud.v2.usd").read_text(encoding="utf-8")
    assert len(re.search(r"widths = \[(.*?)\]", text)[1].split(", ")) == 30


def test_two_objects_in_one_file_keep_their_places_names_and_recipes(addon, scene, tmp_path):
    write_recipe(add_cloud("a", (1, 0, 0)), "job-1", {"prompt": "a red chair"})
    add_cloud("b")
    export(tmp_path / "both.glb", preset="POINTS")
    tree, binary = glb_parts((tmp_path / "both.glb").read_bytes())
    assert [node["name"] for node in tree["nodes"]] == ["a", "b"]
    assert json.loads(tree["nodes"][0]["extras"]["text3d_recipe"]) == {"prompt": "a red chair"}
    first, second = (accessor(tree, binary, mesh["primitives"][0]["attributes"]["POSITION"]) for mesh in tree["meshes"])
    np.testing.assert_allclose(first - second, np.tile([1.0, 0, 0], (30, 1)), atol=1e-6)
    export(tmp_path / "both.ply", preset="POINTS")
    assert len(ply_vertices(tmp_path / "both.ply")) == 60
    export(tmp_path / "both.usd", preset="POINTS")
    assert re.findall(r'^def Xform "(\w+)"', (tmp_path / "both.usd").read_text(encoding="utf-8"), re.M) == ["a", "b"]


def test_a_file_per_object_is_named_after_it_and_existing_ones_are_kept(addon, scene, tmp_path, capfd):
    add_cloud("a/b: c")
    add_cloud("chair")
    (tmp_path / "chair.ply").write_text("mine")
    assert export(tmp_path / "x.ply", preset="POINTS", is_separate=True) == {"FINISHED"}
    assert sorted(path.name for path in tmp_path.glob("*.ply")) == ["a_b_ c.ply", "chair.ply"]
    assert (tmp_path / "chair.ply").read_text() == "mine"
    assert "chair.ply exists and was kept." in capfd.readouterr().out
    export(tmp_path / "x.ply", preset="POINTS", is_separate=True, overwrite=True)
    assert len(ply_vertices(tmp_path / "chair.ply")) == 30


def test_objects_without_points_are_named_and_the_others_exported(addon, scene, tmp_path, capfd):
    bpy.ops.mesh.primitive_cube_add()
    add_cloud().select_set(True)
    assert export(tmp_path / "x.ply", preset="POINTS") == {"FINISHED"}
    assert 'Exported x.ply. No points in "Cube".' in capfd.readouterr().out
    bpy.data.objects["points"].select_set(False)
    with pytest.raises(RuntimeError, match='No points in "Cube"'):
        export(tmp_path / "y.ply", preset="POINTS")
    assert not (tmp_path / "y.ply").exists()


def test_a_missing_folder_and_one_that_is_a_file_are_named(addon, scene, tmp_path):
    add_cloud()
    (tmp_path / "file").write_text("")
    for folder in ("missing", "file"):
        with pytest.raises(RuntimeError, match=f"The folder .*{folder} does not exist. Choose another one."):
            export(tmp_path / folder / "x.ply", preset="POINTS")


def test_a_full_disk_leaves_the_old_file_and_nothing_half_written(addon, scene, tmp_path):
    resource = pytest.importorskip("resource")
    add_cloud(times=200)
    (tmp_path / "x.ply").write_text("old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, limits[1]))
    try:
        with pytest.raises(RuntimeError, match=r"The disk of .* is full, so x\.ply was not written"):
            export(tmp_path / "x.ply", preset="POINTS")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {path.name: path.read_text() for path in tmp_path.glob("x*")} == {"x.ply": "old"}


def test_points_to_mesh_converts_all_selected_clouds_and_names_the_rest(addon, scene, capfd):
    bpy.ops.mesh.primitive_cube_add()
    add_cloud("a")
    add_cloud("b")
    bpy.data.objects["Cube"].select_set(True)
    assert bpy.ops.text3d.points_to_mesh(shape="CUBES") == {"FINISHED"}
    assert 'Made 2 meshes. No points in "Cube".' in capfd.readouterr().out
    assert [len(bpy.data.objects[name].data.polygons) for name in ("a.001", "b.001")] == [180, 180]
    assert bpy.data.objects["a"].hide_get()


def test_the_export_menu_warns_where_blender_loses_points(addon, scene):
    from blender_text3d.addon.menus import draw_in_export_menu

    def texts():
        layout = RecordingLayout()
        draw_in_export_menu(type("Menu", (), {"layout": layout}), bpy.context)
        return layout.texts

    assert not [text for text in texts() if "point clouds" in text]
    add_cloud()
    assert "Only Text3D > Points exports point clouds" in texts()


def add_cone(name="cone", size=1.0, location=(0, 0, 0)):
    """Add a closed, colored cone of a height of `size` on its origin."""
    bpy.ops.mesh.primitive_cone_add(vertices=16, radius1=size / 4, depth=size, location=(0, 0, size / 2))
    target = bpy.context.object
    target.name = name
    bpy.ops.object.origin_set(type="ORIGIN_CURSOR")
    target.location = location
    colors = target.data.color_attributes.new("Color", "BYTE_COLOR", "POINT")
    colors.data.foreach_set("color_srgb", [1, 0.5, 0, 1] * len(target.data.vertices))
    material = bpy.data.materials.new(name)
    if material.node_tree is None:
        material.use_nodes = True
    build_nodes(material.node_tree)
    target.data.materials.append(material)
    bpy.context.view_layer.update()
    return target


def stl_corners(path):
    body = path.read_bytes()[84:]
    kind = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attributes", "<u2")])
    return np.frombuffer(body, kind)["corners"]


def test_a_print_has_the_height_asked_stands_flat_and_is_centered(addon, scene, tmp_path, capfd):
    add_cone(location=(3, 4, 5)).scale = (2, 2, 3)
    bpy.ops.mesh.primitive_uv_sphere_add()
    sphere = bpy.context.object
    assert export(tmp_path / "sphere.stl", preset="PRINT", height_mm=60, base_mm=2) == {"FINISHED"}
    assert "watertight" not in capfd.readouterr().out
    corners = stl_corners(tmp_path / "sphere.stl")
    np.testing.assert_allclose(np.ptp(corners, axis=(0, 1))[2], 60, rtol=1e-5)
    assert corners[..., 2].min() == 0
    is_flat = (corners[..., 2] == 0).all(axis=1)
    radius = np.linalg.norm(corners[is_flat][..., :2], axis=-1).max()
    assert radius == pytest.approx(10.8, abs=0.3)  # of the cap of 2 mm of a sphere of 31 mm
    np.testing.assert_allclose(corners.min(axis=(0, 1))[:2], -corners.max(axis=(0, 1))[:2], atol=1e-3)
    sphere.select_set(False)
    bpy.data.objects["cone"].select_set(True)
    export(tmp_path / "cone.stl", preset="PRINT", height_mm=0, base_mm=0)
    np.testing.assert_allclose(np.ptp(stl_corners(tmp_path / "cone.stl"), axis=(0, 1)), (1000, 1000, 3000), rtol=1e-4)


def test_a_3mf_has_each_object_with_its_colors_in_millimeters(addon, scene, tmp_path):
    add_cone("a")
    add_cone("b & c", location=(2, 0, 0)).select_set(True)
    bpy.data.objects["a"].select_set(True)
    export(tmp_path / "both.3mf", preset="PRINT", height_mm=50)
    with zipfile.ZipFile(tmp_path / "both.3mf") as archive:
        text = archive.read("3D/3dmodel.model").decode()
    assert re.findall(r'<object id="(\d)" type="model" name="(.*?)"', text) == [("2", "a"), ("4", "b &amp; c")]
    assert re.findall(r'<item objectid="(\d)"/>', text) == ["2", "4"]
    assert set(re.findall(r'color="(#\w+)"', text)) == {"#FF8400"}
    heights = [float(z) for z in re.findall(r' z="(.*?)"', text)]
    assert (min(heights), max(heights)) == pytest.approx((0, 50))
    assert 'unit="millimeter"' in text


def test_a_hole_is_named_and_the_file_written_all_the_same(addon, scene, tmp_path, capfd):
    bpy.ops.mesh.primitive_cone_add(vertices=16, end_fill_type="NOTHING")
    assert export(tmp_path / "x.3mf", preset="PRINT") == {"FINISHED"}
    assert '"Cone" is not watertight: 16 open edges. Use Fix Mesh.' in capfd.readouterr().out
    assert (tmp_path / "x.3mf").exists()


def test_a_print_takes_instances_text_and_mirrored_objects_and_names_cameras(addon, scene, tmp_path, capfd):
    cube_parent = bpy.data.objects.new("instancer", bpy.data.meshes.new("points"))
    cube_parent.data.from_pydata([(0, 0, 0), (5, 0, 0)], [], [])
    scene.collection.objects.link(cube_parent)
    bpy.ops.mesh.primitive_cube_add()
    bpy.context.object.parent, cube_parent.instance_type = cube_parent, "VERTS"
    bpy.context.object.select_set(False)
    cube_parent.select_set(True)
    add_cone("mirrored").scale = (-1, 1, 1)
    bpy.ops.object.camera_add()
    for target in scene.objects:
        target.select_set(target.name != "Cube")
    bpy.context.view_layer.update()
    export(tmp_path / "x.stl", preset="PRINT", height_mm=0, base_mm=0)
    said = capfd.readouterr().out
    assert 'No visible faces in "Camera".' in said
    assert "watertight" not in said
    assert len(stl_corners(tmp_path / "x.stl")) == 2 * 12 + 16 + 14


def glb_of(path):
    return glb_parts(path.read_bytes())


def test_ten_thousand_faces_for_the_web_take_at_most_300_kb(addon, scene, tmp_path, capfd):
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=6)  # 20,480 faces
    target = bpy.context.object
    target.modifiers.new("half", "DECIMATE").ratio = 0.4883
    colors = target.data.color_attributes.new("Color", "BYTE_COLOR", "POINT")
    values = np.random.default_rng(1).random((len(target.data.vertices), 4), np.float32)
    colors.data.foreach_set("color_srgb", values.reshape(-1))
    target.data.shade_smooth()
    for quantize in (True, False):
        export(tmp_path / "x.glb", preset="WEB", quantize=quantize)
        tree, _ = glb_of(tmp_path / "x.glb")
        (primitive,) = tree["meshes"][0]["primitives"]
        assert tree["accessors"][primitive["indices"]]["count"] == pytest.approx(30_000, abs=30)
        assert (tmp_path / "x.glb").stat().st_size < 300_000
    target.modifiers.clear()
    export(tmp_path / "x.glb", preset="WEB", quantize=False)
    assert "Quantize, or set fewer faces." in capfd.readouterr().out


def test_the_web_gets_textures_as_jpeg_and_each_material(addon, scene, tmp_path):
    bpy.ops.mesh.primitive_plane_add()
    target = bpy.context.object
    target.data.uv_layers.new(name="second")
    image = bpy.data.images.new("checker", 2048, 64)
    image.pixels.foreach_set(np.tile(np.float32([1, 0, 0, 1]), 2048 * 64))
    material = bpy.data.materials.new("painted")
    if material.node_tree is None:
        material.use_nodes = True
    nodes = material.node_tree.nodes
    texture = nodes.new("ShaderNodeTexImage")
    texture.image = image
    nodes["Principled BSDF"].inputs["Metallic"].default_value = 0.5
    material.node_tree.links.new(texture.outputs["Color"], nodes["Principled BSDF"].inputs["Base Color"])
    target.data.materials.append(material)
    export(tmp_path / "x.glb", preset="WEB")
    tree, binary = glb_of(tmp_path / "x.glb")
    view = tree["bufferViews"][tree["images"][0]["bufferView"]]
    (tmp_path / "t.jpg").write_bytes(binary[view["byteOffset"] :][: view["byteLength"]])
    loaded = bpy.data.images.load(str(tmp_path / "t.jpg"))
    assert tuple(loaded.size) == (1024, 32)
    np.testing.assert_allclose(loaded.pixels[:3], (1, 0, 0), atol=0.03)
    assert tree["materials"][0]["pbrMetallicRoughness"]["metallicFactor"] == 0.5
    assert not [item for item in bpy.data.images if item.name not in {"checker", "t.jpg"}]


def test_colors_of_the_attribute_come_out_of_the_web_file(addon, scene, tmp_path):
    add_cone("cone")
    export(tmp_path / "x.glb", preset="WEB")
    tree, binary = glb_of(tmp_path / "x.glb")
    (primitive,) = tree["meshes"][0]["primitives"]
    colors = accessor(tree, binary, primitive["attributes"]["COLOR_0"]) / 65535
    np.testing.assert_allclose(colors, np.tile([1, 0.2158, 0], (len(colors), 1)), atol=2e-3)
    assert tree["nodes"][0].keys() == {"name", "mesh"}


def test_the_gltf_export_of_blender_is_told_to_warn_of_points(addon, scene):
    import blender_text3d

    class Log:
        said = []

        def warning(self, text, popup=False):
            self.said.append((text, popup))

    bpy.ops.mesh.primitive_cube_add()
    cube, hooks = bpy.context.object, blender_text3d.glTF2ExportUserExtension()
    for target in (cube, add_cloud("cloud"), None):
        hooks.gather_node_hook(None, target, {"log": Log()})
    assert Log.said == [('The points of "cloud" are left out. Use File > Export > Text3D > Points.', True)]


def test_the_panel_offers_all_presets_and_points_to_mesh_for_clouds(addon, scene):
    from blender_text3d.addon.operators.export import PRESET_ITEMS
    from blender_text3d.addon.panels.export import TEXT3D_PT_export

    def drawn():
        layout = RecordingLayout()
        TEXT3D_PT_export.draw(type("Panel", (), {"layout": layout}), bpy.context)
        return layout

    bpy.ops.mesh.primitive_cube_add()
    assert drawn().texts[: len(PRESET_ITEMS)] == [f"{label}…" for _, label, *_ in PRESET_ITEMS]
    add_cloud()
    assert "TEXT3D_OT_points_to_mesh" in [button.identifier for button in drawn().buttons]


def test_the_commands_of_the_documentation_write_what_it_says(addon, scene, tmp_path):
    page = (Path(__file__).parents[3] / "docs/from-prompt-to-asset.md").read_text(encoding="utf-8")
    section = page.partition("## Out:")[2].partition("\n## ")[0]
    commands = re.findall(r"bpy\.ops\.text3d\.export_asset\([^)]*\)", section)
    add_cone()
    add_cloud().select_set(True)
    bpy.data.objects["cone"].select_set(True)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    for command in commands:
        assert eval(command, {"bpy": bpy}) == {"FINISHED"}, command
    files = {path.name for path in tmp_path.iterdir()} - {"scene.blend", "python"}
    assert files == set(re.findall(r'filepath="//(.*?)"', section))
    assert len(files) == len(commands) >= 2


@pytest.mark.skipif(not Path("/sys/class").is_dir(), reason="needs a folder that nobody can write to")
def test_a_path_beside_the_blend_file_needs_one_and_is_no_warning(addon, scene, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    add_cloud()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(RuntimeError, match=r"//cloud.ply is relative to the .blend file, which has not been saved"):
            export("//cloud.ply", preset="POINTS")
        assert not list(tmp_path.rglob("cloud*"))
        (tmp_path / "folder").mkdir()
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "folder/file.blend"))
        assert export("//cloud.ply", preset="POINTS") == {"FINISHED"}
    assert (tmp_path / "folder/cloud.ply").exists()


def test_a_read_only_folder_is_named(addon, scene):
    add_cone()
    for preset in ("PRINT", "GAME"):
        with pytest.raises(RuntimeError, match=r"/sys/class is read-only, so x\.\w+ was not written\. Choose another"):
            export("/sys/class/x", preset=preset)


def test_names_of_files_are_valid_on_every_system_and_differ():
    from blender_text3d.addon.asset_export.file_names import file_stems

    names = ["a/b", "a:b", "A_B", "con", "", " . ", "ü" * 100, 'x"?*<>|\\\n']
    stems = file_stems(names)
    assert stems[:6] == ["a_b", "a_b-2", "A_B-3", "_con", "_", "_-2"]
    assert len(stems[6].encode()) == 120
    assert not set("".join(stems)) & set('<>:"/\\|?*\n')


def test_the_empty_of_levels_of_detail_is_no_problem_of_an_export(addon, scene, tmp_path, capfd):
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=3)
    bpy.ops.text3d.make_lods()
    bpy.ops.object.select_all(action="SELECT")
    for item in scene.objects:
        item.hide_set(False)
        item.select_set(True)
    assert any(item.type == "EMPTY" for item in bpy.context.selected_objects)
    assert export(tmp_path / "levels.glb", preset="WEB") == {"FINISHED"}
    assert "No visible faces" not in capfd.readouterr().out
    bpy.ops.object.select_all(action="DESELECT")
    next(item for item in scene.objects if item.type == "EMPTY").select_set(True)
    with pytest.raises(RuntimeError, match="No visible faces"):
        export(tmp_path / "empty.glb", preset="WEB")
