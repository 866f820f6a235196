# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep as Asset: what the Asset Browser finds in this file and in a library folder, and that nothing is lost."""

import errno
import math
import shutil
import tempfile
from pathlib import Path

import bpy
import numpy as np
import pytest

from blender_text3d.addon.assets import library, pending, task
from blender_text3d.addon.assets.texts import asset_words
from blender_text3d.addon.operators.assets import FOLDER, RESULT, STARRED_RESULTS
from blender_text3d.addon.settings.choices import choices
from blender_text3d.addon.state.session_state import state
from blender_text3d.client.results.marks import STARRED, set_mark
from blender_text3d.exports.asset_catalogs import NAME, catalog_id, known_catalogs
from blender_text3d.geometry import PointCloud, save_geometry
from blender_text3d.geometry.png import encode_png
from blender_text3d.scene.importer import Result, import_result
from blender_text3d.scene.names import PREVIEW_JOB_ID
from tests.blender.recording_layout import drawn
from tests.client.results.jobs import write_job

PROMPT = "a tall red chair with black legs"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "library"
    folder.mkdir()
    return folder


@pytest.fixture
def generate(addon, scene, mesh):
    """A function that imports an object as a job would, selected alone."""

    def generate(prompt=PROMPT, seed=7, **values):
        recipe = {"prompt": prompt, "seed": seed, "model": "mini/shap-e"}
        (target,) = import_result(Result(f"job-{seed}", prompt, recipe, mesh, None, 0.9, (0, 0, 0), **values), scene)
        select(target)
        return target

    return generate


def select(*targets):
    bpy.context.view_layer.update()
    for item in bpy.context.view_layer.objects:
        item.select_set(item in targets)
    bpy.context.view_layer.objects.active = targets[0]
    bpy.context.view_layer.update()


def keep(folder: Path, **values):
    return bpy.ops.text3d.keep_as_asset(library=FOLDER, folder=str(folder), **values)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.blend"))


def loaded(path: Path) -> bpy.types.Object:
    """The only asset of a file, appended as the Asset Browser does."""
    with bpy.data.libraries.load(str(path), assets_only=True) as (available, wanted):
        wanted.objects = list(available.objects)
    (made,) = wanted.objects
    return made


def tags(target) -> set[str]:
    return {tag.name for tag in target.asset_data.tags}


def picture(target) -> np.ndarray:
    """The pixels of an asset's preview, (H, W, 4) float32."""
    values = np.empty(len(target.preview.image_pixels_float), np.float32)
    target.preview.image_pixels_float.foreach_get(values)
    return values.reshape(*target.preview.image_size, 4)


# In this file.


def test_an_object_kept_in_this_file_has_all_that_a_search_needs(generate):
    target = generate()
    assert bpy.ops.text3d.keep_as_asset(author="Ada", license="CC0-1.0") == {"FINISHED"}
    data = target.asset_data
    assert {"tall", "red", "chair", "black", "legs", "leg", "Text3D"} == tags(target)
    assert (data.author, data.license) == ("Ada", "CC0-1.0")
    assert data.description == f"{PROMPT}, seed 7, Mini Shap-E"
    assert data.catalog_id == catalog_id("Text3D/Chair")
    assert target.use_fake_user
    covered = picture(target)[..., 3] > 0.5
    assert covered.shape == (256, 256)
    assert 0.2 < covered.mean() < 0.9


def test_a_word_from_another_language_is_found_in_english_too(generate):
    target = generate("ein roter Stuhl")
    bpy.ops.text3d.keep_as_asset()
    assert {"roter", "stuhl", "red", "chair"} <= tags(target)


def test_keeping_again_follows_the_recipe_and_leaves_the_users_tags(generate):
    target = generate()
    bpy.ops.text3d.keep_as_asset(author="Ada")
    target.asset_data.tags.new("favorite")
    target["text3d_recipe"] = target["text3d_recipe"].replace("red", "blue")
    bpy.ops.text3d.keep_as_asset()
    assert {"blue", "favorite"} <= tags(target)
    assert "red" not in tags(target)
    assert not [tag for tag in tags(target) if "." in tag]
    assert target.asset_data.author == "Ada"


def test_an_object_that_was_not_generated_has_tags_from_its_name(addon, scene):
    bpy.ops.mesh.primitive_cube_add()
    target = bpy.context.object
    target.name = "Old Mug.001"
    bpy.ops.text3d.keep_as_asset()
    assert {"old", "mug"} <= tags(target)
    assert "Text3D" not in tags(target)
    assert target.asset_data.catalog_id == catalog_id("Text3D/Mug")
    assert target.asset_data.description == ""


@pytest.mark.parametrize(
    ("prompt", "label"),
    [
        ("a brown hotdog", "Hot Dog"),
        ("a black chesspiece", "Chess Piece"),
        ("an icecream", "Ice Cream"),
        ("a cat", "Cat"),
    ],
)
def test_a_catalog_has_the_name_of_its_kind_as_people_write_it(prompt, label):
    assert asset_words("Object", {"prompt": prompt, "model": "mini/shap-e"}).catalog == f"Text3D/{label}"


def test_the_catalogs_of_a_new_file_are_written_when_it_is_saved(generate, tmp_path):
    generate()
    bpy.ops.text3d.keep_as_asset()
    assert pending.pending_catalogs
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "new.blend"))
    assert known_catalogs(tmp_path)["Text3D/Chair"] == catalog_id("Text3D/Chair")
    assert not pending.pending_catalogs


def test_a_file_in_a_library_has_the_catalogs_of_the_library(generate, tmp_path):
    (tmp_path / "deep").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "deep" / "new.blend"))
    made = bpy.context.preferences.filepaths.asset_libraries.new(name="mine", directory=str(tmp_path))
    try:
        generate()
        bpy.ops.text3d.keep_as_asset(catalog="Props / Chairs")
    finally:
        bpy.context.preferences.filepaths.asset_libraries.remove(made)
    assert "Props/Chairs" in known_catalogs(tmp_path)
    assert not (tmp_path / "deep" / NAME).exists()


def test_linked_and_forming_objects_are_named_and_the_rest_goes_on(generate, scene, tmp_path, capfd):
    mine = generate()
    bpy.data.libraries.write(str(tmp_path / "other.blend"), {mine})
    with bpy.data.libraries.load(str(tmp_path / "other.blend"), link=True) as (there, here):
        here.objects = there.objects
    forming = bpy.data.objects.new("forming", bpy.data.meshes.new("forming"))
    forming[PREVIEW_JOB_ID] = "job-1"
    for item in (here.objects[0], forming):
        scene.collection.objects.link(item)
    select(mine, here.objects[0], forming)
    assert bpy.ops.text3d.keep_as_asset() == {"FINISHED"}
    told = capfd.readouterr().out
    assert "(linked from another file)" in told
    assert '"forming" (still forming)' in told
    assert mine.asset_data
    assert not here.objects[0].asset_data
    assert not forming.asset_data


def test_a_point_cloud_has_a_preview_in_its_colors(addon, scene, cloud):
    red = PointCloud(cloud.points, np.tile(np.float32([1, 0, 0]), (len(cloud.points), 1)))
    recipe = {"prompt": "a red mug", "seed": 7, "model": "mini/point-e"}
    (target,) = import_result(Result("job-7", "a red mug", recipe, None, red, 1.0, (0, 0, 0)), scene)
    select(target)
    bpy.ops.text3d.keep_as_asset()
    shown = picture(target)
    seen = shown[shown[..., 3] > 0.9]
    assert len(seen) > 5000
    assert (seen[:, 0] > 5 * seen[:, 1]).mean() > 0.95


def test_cameras_lights_and_empties_among_the_selected_objects_are_left_out(generate, scene, folder, capfd):
    target = generate()
    others = [
        bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera")),
        bpy.data.objects.new("Light", bpy.data.lights.new("Light", "SUN")),
        bpy.data.objects.new("Empty", None),
    ]
    for item in others:
        scene.collection.objects.link(item)
    select(target, *others)
    assert keep(folder) == {"FINISHED"}
    assert files(folder) == ["a-tall-red-chair-with-bl-7.blend"]
    assert 'Not kept: "Camera", "Light", "Empty" (no geometry).' in "".join(capfd.readouterr()).replace("\n", "")


# In a library folder.


def test_an_asset_of_a_folder_comes_out_at_its_size_with_colors_and_scale_one(generate, folder):
    target = generate()
    colors = np.empty(4 * len(target.data.vertices), np.float32)
    target.data.attributes["Color"].data.foreach_get("color_srgb", colors)
    target.location, target.scale, target.rotation_euler = (5, 6, 7), (2, 2, 2), (0, 0, math.pi / 2)
    bpy.context.view_layer.update()
    assert keep(folder, author="Ada", license="CC-BY-4.0") == {"FINISHED"}
    assert (target.scale.x, target.location.x, target.name) == (2, 5, PROMPT)
    assert not target.asset_data
    made = loaded(folder / "a-tall-red-chair-with-bl-7.blend")
    assert tuple(made.scale) == (1, 1, 1)
    assert tuple(made.location) == tuple(made.rotation_euler) == (0, 0, 0)
    assert max(made.dimensions) == pytest.approx(1.8, rel=1e-5)
    x, y, z = target.dimensions
    assert tuple(made.dimensions) == pytest.approx((y, x, z), rel=1e-4)
    kept = np.empty_like(colors)
    made.data.attributes["Color"].data.foreach_get("color_srgb", kept)
    np.testing.assert_array_equal(kept, colors)
    assert made.data.materials[0].node_tree.nodes
    assert made.asset_data.catalog_id == known_catalogs(folder)["Text3D/Chair"]
    assert (made.asset_data.author, made.asset_data.license) == ("Ada", "CC-BY-4.0")
    assert picture(made)[..., 3].max() == 1


def test_an_asset_file_that_is_opened_and_saved_keeps_its_asset(generate, folder):
    generate()
    keep(folder)
    (path,) = folder.glob("*.blend")
    bpy.ops.wm.open_mainfile(filepath=str(path))
    bpy.ops.wm.save_mainfile()
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    assert {"red", "chair"} <= tags(loaded(path))


def test_the_open_file_has_the_same_data_blocks_before_and_after(generate, folder):
    target = generate()
    before = data_names()
    keep(folder)
    assert data_names() == before
    assert target.data.name == PROMPT


def data_names() -> dict[str, list[str]]:
    return {kind: sorted(item.name for item in getattr(bpy.data, kind)) for kind in ("objects", "meshes", "materials")}


def test_keeping_again_writes_the_same_file_even_under_another_name(generate, folder):
    target = generate()
    keep(folder)
    target.name = "renamed"
    keep(folder)
    assert files(folder) == ["a-tall-red-chair-with-bl-7.blend"]
    assert loaded(folder / files(folder)[0]).name.startswith("renamed")


def test_a_copy_of_a_kept_object_is_another_asset(generate, folder):
    target = generate()
    keep(folder)
    copied = target.copy()
    bpy.context.scene.collection.objects.link(copied)
    select(target, copied)
    for _ in range(2):
        keep(folder)
    assert files(folder) == ["a-tall-red-chair-with-bl-7-2.blend", "a-tall-red-chair-with-bl-7.blend"]


def test_a_file_of_the_user_with_the_name_is_not_replaced(generate, folder):
    (folder / "a-tall-red-chair-with-bl-7.blend").write_text("mine")
    generate()
    keep(folder)
    assert files(folder) == ["a-tall-red-chair-with-bl-7-2.blend", "a-tall-red-chair-with-bl-7.blend"]
    assert (folder / "a-tall-red-chair-with-bl-7.blend").read_text() == "mine"


def test_scaled_modifiers_mirrored_objects_and_shape_keys_keep_their_look(addon, scene, folder):
    bpy.ops.mesh.primitive_cube_add()
    beveled = bpy.context.object
    beveled.name, beveled.scale = "beveled", (1, 2, 3)
    beveled.modifiers.new("Bevel", "BEVEL")
    bpy.ops.mesh.primitive_cone_add()
    mirrored = bpy.context.object
    mirrored.name, mirrored.scale = "mirrored", (1, 1, -2)
    mirrored.shape_key_add(name="Basis")
    mirrored.shape_key_add(name="wide").data[0].co.x = 4
    select(beveled, mirrored)
    keep(folder)
    first, second = loaded(folder / "beveled.blend"), loaded(folder / "mirrored.blend")
    assert tuple(first.scale) == (1, 2, 3)
    assert [modifier.type for modifier in first.modifiers] == ["BEVEL"]
    assert tuple(second.scale) == (1, 1, 1)
    assert second.data.shape_keys.key_blocks["wide"].data[0].co.x == 4
    outward = sum(face.normal.dot(face.center - mean_place(second)) > 0 for face in second.data.polygons)
    assert outward == len(second.data.polygons)


def mean_place(target):
    points = [vertex.co for vertex in target.data.vertices]
    return sum(points[1:], points[0].copy()) / len(points)


def test_textures_are_inside_and_those_of_the_open_file_stay_outside(addon, scene, folder, tmp_path):
    target = textured_cube(tmp_path / "wood.png")
    bpy.data.images["missing"].filepath = str(tmp_path / "gone.png")
    keep(folder)
    assert bpy.data.images["wood.png"].packed_file is None
    shutil.move(tmp_path / "wood.png", tmp_path / "moved.png")
    image = next(image for image in images_of(loaded(folder / "cube.blend")) if image.name.startswith("wood"))
    assert image.packed_file is not None
    assert tuple(image.size) == (2, 2)
    assert picture(target_asset(folder))[..., 0].max() > 0.5
    assert not target.asset_data


def target_asset(folder):
    return loaded(folder / "cube.blend")


def images_of(target):
    return [node.image for node in target.data.materials[0].node_tree.nodes if node.type == "TEX_IMAGE"]


def textured_cube(path: Path):
    """A cube whose material shows a red image file, and uses one that is missing."""
    path.write_bytes(encode_png(np.full((2, 2, 4), (255, 0, 0, 255), np.uint8)))
    bpy.ops.mesh.primitive_cube_add()
    material = bpy.data.materials.new("wood")
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    nodes = material.node_tree.nodes
    for image in (bpy.data.images.load(str(path)), bpy.data.images.new("missing", 4, 4)):
        node = nodes.new("ShaderNodeTexImage")
        node.image = image
    material.node_tree.links.new(nodes["Image Texture"].outputs[0], nodes["Principled BSDF"].inputs["Base Color"])
    bpy.data.images["missing"].source = "FILE"
    bpy.context.object.data.materials.append(material)
    bpy.context.view_layer.update()
    return bpy.context.object


def test_painted_pixels_that_were_never_saved_are_not_lost(addon, scene, folder):
    bpy.ops.mesh.primitive_cube_add()
    image = bpy.data.images.new("painted", 2, 2)
    image.pixels[:] = [0, 1, 0, 1] * 4
    material = bpy.data.materials.new("paint")
    if bpy.app.version < (5, 0):
        material.use_nodes = True
    material.node_tree.nodes.new("ShaderNodeTexImage").image = image
    bpy.context.object.data.materials.append(material)
    keep(folder)
    assert tuple(image.pixels[:4]) == (0, 1, 0, 1)
    (kept,) = images_of(loaded(folder / "cube.blend"))
    assert tuple(kept.pixels[:4]) == (0, 1, 0, 1)


@pytest.mark.parametrize("name", ["gone", "file", "/proc/self"])
def test_a_folder_that_cannot_be_used_is_told_and_nothing_changes(generate, tmp_path, name):
    (tmp_path / "file").write_text("mine")
    target = generate()
    with pytest.raises(RuntimeError, match=r"The library folder .* Choose another one in Preferences\."):
        keep(tmp_path / name)
    assert target.name == PROMPT
    assert (tmp_path / "file").read_text() == "mine"


def test_without_a_library_folder_it_says_where_to_choose_one(generate):
    generate()
    with pytest.raises(RuntimeError, match="Choose one in the panel or the preferences first"):
        bpy.ops.text3d.keep_as_asset(library=FOLDER)


def test_a_full_disk_is_told_and_leaves_no_file_behind(generate, folder, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    target = generate()
    monkeypatch.setattr("blender_text3d.exports.asset_files.move_to_free_name", full)
    with pytest.raises(RuntimeError, match=r'Not kept: "a tall red .*No space left on device'):
        keep(folder)
    assert [path.name for path in folder.iterdir() if path.name != NAME and not path.name.endswith(".lock")] == []
    assert target.name == PROMPT


def test_a_library_on_another_drive_works(generate, tmp_path):
    if not Path("/dev/shm").is_dir() or Path("/dev/shm").stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs a second drive")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as other:
        generate()
        assert keep(Path(other)) == {"FINISHED"}
        assert {"red", "chair"} <= tags(loaded(Path(other) / files(Path(other))[0]))


def test_a_catalog_file_that_is_no_text_stays_and_the_assets_are_kept(generate, folder):
    (folder / NAME).write_bytes(b"\xff\xfe\x00")
    generate()
    assert keep(folder) == {"FINISHED"}
    assert (folder / NAME).read_bytes() == b"\xff\xfe\x00"
    assert len(files(folder)) == 1


# Results.


@pytest.fixture
def jobs_dir(addon):
    jobs_dir = choices().jobs_dir
    jobs_dir.mkdir(parents=True, exist_ok=True)
    return jobs_dir


def finished_job(jobs_dir, mesh, name="job-1", prompt="a blue mug", **values):
    job = write_job(jobs_dir, name, prompt, **values)
    save_geometry(job.mesh, mesh)
    return job


def test_a_result_that_is_not_in_the_scene_becomes_an_asset_and_stays_out(jobs_dir, mesh, folder):
    job = finished_job(jobs_dir, mesh, size_m=0.1)
    for _ in range(2):
        keep(folder, source=RESULT, job_id=job.job_id)
    assert files(folder) == ["a-blue-mug-5.blend"]
    assert not bpy.data.objects
    assert not bpy.data.meshes
    assert not bpy.data.materials
    made = loaded(folder / "a-blue-mug-5.blend")
    assert {"blue", "mug"} <= tags(made)
    assert max(made.dimensions) == pytest.approx(0.1)
    assert picture(made)[..., 3].max() == 1


def test_all_starred_results_become_assets_of_this_file_once(jobs_dir, mesh):
    set_mark(finished_job(jobs_dir, mesh, "job-1"), STARRED, on=True)
    set_mark(finished_job(jobs_dir, mesh, "job-2", "a red chair"), STARRED, on=True)
    finished_job(jobs_dir, mesh, "job-3", "a tree")
    set_mark(write_job(jobs_dir, "job-4", "without a mesh"), STARRED, on=True)
    for _ in range(2):
        bpy.ops.text3d.keep_as_asset(source=STARRED_RESULTS)
    assert sorted(item.name for item in bpy.data.objects) == ["a blue mug", "a red chair"]
    assert all(item.asset_data and not item.users_scene for item in bpy.data.objects)


def test_without_a_starred_result_it_says_so(jobs_dir):
    with pytest.raises(RuntimeError, match="No result is starred"):
        bpy.ops.text3d.keep_as_asset(source=STARRED_RESULTS)


# Many at once.


def test_many_are_kept_in_steps_that_can_be_stopped(generate, folder, monkeypatch):
    from blender_text3d.addon.assets.items import Item, Wanted

    targets = [generate(seed=seed) for seed in range(6)]
    items = [Item(target.name, target.session_uid) for target in targets]
    monkeypatch.setattr(task.one_shot_timer, "schedule", lambda *_: None)
    monkeypatch.setattr(task, "is_at_once", lambda _: False)
    keeping = task.start(items, Wanted(folder))
    bpy.data.objects.remove(targets[1])
    while keeping.done < 3:
        next(keeping.steps)
    assert f"Keeping {keeping.done} of 6" in drawn()
    bpy.ops.text3d.cancel_assets()
    assert task.current() is None
    assert len(files(folder)) == 2
    assert keeping.refused == [(items[1].name, "removed meanwhile")]


# The library in Blender's preferences.


@pytest.fixture
def no_libraries():
    libraries = bpy.context.preferences.filepaths.asset_libraries
    before = len(libraries)
    yield libraries
    while len(libraries) > before:
        libraries.remove(libraries[-1])


def test_a_library_is_added_once_and_appends(addon, no_libraries, folder):
    before = len(no_libraries)
    first = library.add_library(folder)
    assert library.add_library(folder / ".." / folder.name).name == first.name == folder.name
    assert len(no_libraries) == before + 1
    assert first.import_method in ("APPEND_REUSE", "APPEND")
    assert library.is_listed(folder)
    assert bpy.context.preferences.is_dirty


def test_keeping_adds_no_library_without_consent(generate, no_libraries, folder):
    before = len(no_libraries)
    generate()
    keep(folder)
    assert len(no_libraries) == before


def test_the_panel_offers_to_keep_all_selected_objects(generate):
    select(generate(seed=1), generate(seed=2))
    assert "Keep 2 as Assets" in drawn()


def test_the_commands_of_the_documentation_run(generate, tmp_path):
    page = (Path(__file__).parents[3] / "docs" / "from-prompt-to-asset.md").read_text(encoding="utf-8")
    code = page.partition("## Library")[2].partition("```python\n")[2].partition("```")[0]
    (tmp_path / "library").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    target = generate()
    exec(code, {})
    assert target.asset_data
    assert len(files(tmp_path / "library")) == 1


# Bad input.


def test_a_folder_that_is_deleted_meanwhile_is_told_and_nothing_hangs(generate, folder, monkeypatch):
    from blender_text3d.addon.assets.items import Item, Wanted

    items = [Item(target.name, target.session_uid) for target in (generate(seed=1), generate(seed=2))]
    monkeypatch.setattr(task.one_shot_timer, "schedule", lambda *_: None)
    monkeypatch.setattr(task, "is_at_once", lambda _: False)
    keeping = task.start(items, Wanted(folder))
    while keeping.done < 1:
        next(keeping.steps)
    shutil.rmtree(folder)
    monkeypatch.setattr(task, "BUDGET_S", math.inf)
    assert task.on_timer() is None
    assert task.current() is None
    assert keeping.kept == 1
    assert "Not kept: " in str(state.problem)
    assert "No such file" in str(state.problem)


def test_an_object_with_five_materials_two_uv_maps_and_no_colors_is_kept(generate, folder):
    target = generate()
    target.data.attributes.remove(target.data.attributes["Color"])
    for number in range(4):
        target.data.materials.append(bpy.data.materials.new(f"extra {number}"))
    for name in ("UVMap", "second"):
        target.data.uv_layers.new(name=name)
    assert keep(folder) == {"FINISHED"}
    made = loaded(folder / files(folder)[0])
    assert len(made.data.materials) == 5
    assert [layer.name for layer in made.data.uv_layers] == ["UVMap", "second"]
    assert picture(made)[..., 3].max() == 1


@pytest.mark.parametrize(
    "recipe",
    ['{"prompt": ["x"], "seed": "y"}', '{"prompt": "' + "a mug " * 900 + '", "seed": true}', "[]", "{",
     '{"prompt": "../../etc", "seed": ' + "9" * 4000 + "}", '{"prompt": "a\\u0000\\n\\t.mug", "model": {}}'],
)  # fmt: skip
def test_a_hostile_recipe_is_kept_without_harm(generate, folder, recipe):
    target = generate()
    target["text3d_recipe"], target["text3d_asset_tags"], target["text3d_object_id"] = recipe, [1, 2], 5
    assert keep(folder) == bpy.ops.text3d.keep_as_asset() == {"FINISHED"}
    assert len(files(folder)) == 1
    assert [path for path in folder.parent.iterdir() if path.suffix == ".blend"] == []


def test_a_name_that_is_a_device_on_windows_gets_another_file(addon, scene, folder):
    bpy.ops.mesh.primitive_cube_add()
    bpy.context.object.name = "CON"
    keep(folder)
    assert files(folder) == ["asset-con.blend"]


def test_one_undo_takes_the_mark_away(generate):
    target = generate()
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.text3d.keep_as_asset("EXEC_DEFAULT", True)
    assert bpy.data.objects[target.name].asset_data
    bpy.ops.ed.undo()
    assert not bpy.data.objects[PROMPT].asset_data


def test_an_object_is_written_in_its_real_size_if_wanted(generate, addon, folder):
    target = generate("a tiny red house")
    keep(folder, has_real_size=True)
    made = loaded(folder / "a-tiny-red-house-7.blend")
    assert max(made.dimensions) == pytest.approx(4.0, rel=1e-4)
    assert tuple(made.scale) == (1, 1, 1)
    assert max(target.dimensions) == pytest.approx(0.9, rel=1e-4)


def test_a_library_folder_relative_to_this_file_becomes_an_absolute_one(generate, tmp_path, monkeypatch):
    from types import SimpleNamespace

    from blender_text3d.addon.operators import assets as operators
    from blender_text3d.addon.settings import asset_choices

    stored = SimpleNamespace(
        asset_folder="//library", asset_author="Ada", asset_license="CC_BY", asset_license_text="x"
    )
    for module in (operators, asset_choices):
        monkeypatch.setattr(module, "stored_preferences", lambda: stored)
    (tmp_path / "library").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "scene.blend"))
    generate()
    bpy.ops.text3d.keep_as_asset(library=FOLDER)
    assert stored.asset_folder == str(tmp_path / "library")
    made = loaded(tmp_path / "library" / files(tmp_path / "library")[0])
    assert (made.asset_data.author, made.asset_data.license) == ("Ada", "CC-BY-4.0")
    stored.asset_license = "CUSTOM"
    assert asset_choices.asset_choices().license == "x"


def test_keeping_waits_while_blender_renders_or_edits(generate, folder, monkeypatch):
    from blender_text3d.addon.assets.items import Item, Wanted

    target = generate()
    monkeypatch.setattr(task.one_shot_timer, "schedule", lambda *_: None)
    monkeypatch.setattr(task, "is_at_once", lambda _: False)
    monkeypatch.setattr(task, "BUDGET_S", math.inf)
    monkeypatch.setattr(task, "reason_to_wait", lambda: "waiting for the render")
    keeping = task.start([Item(target.name, target.session_uid)], Wanted(folder))
    assert task.on_timer() == task.WAITING_INTERVAL_S
    assert (keeping.done, files(folder)) == (0, [])
    monkeypatch.setattr(task, "reason_to_wait", lambda: "")
    assert task.on_timer() is None
    assert len(files(folder)) == 1
