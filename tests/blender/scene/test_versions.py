# SPDX-License-Identifier: GPL-3.0-or-later
"""Versions of an object: replaced in place, shown, deleted; and what users do to such objects in between."""

import bpy
import numpy as np
import pytest

from blender_text3d.addon.settings import versions as version_properties
from blender_text3d.geometry import Mesh, PointCloud
from blender_text3d.scene import names
from blender_text3d.scene.find import find_previews
from blender_text3d.scene.importer import Result, import_result
from blender_text3d.scene.names import DECIMATE_MODIFIER
from blender_text3d.scene.point_cloud import has_native_clouds, radius_of, set_radius
from blender_text3d.scene.preview_object import show_preview
from blender_text3d.scene.recipe import recipe_of
from blender_text3d.scene.replace import kind_of, replace_with_result
from blender_text3d.scene.rotate import rotate_objects
from blender_text3d.scene.version_list import update_list, version_count, version_number
from blender_text3d.scene.version_objects import versions_to_objects
from blender_text3d.scene.versions import VersionError, delete_version, keep_active_version, show_version


@pytest.fixture(autouse=True)
def registered(scene):
    version_properties.add()
    yield
    version_properties.remove()


def result_of(seed, geometry, **changes):
    """Return a result of a seed; the mesh has the seed as number of faces, the cloud as number of points."""
    is_mesh = isinstance(geometry, Mesh)
    part = Mesh(geometry.vertices, geometry.faces[:seed], geometry.colors) if is_mesh else None
    cloud = None if is_mesh else PointCloud(geometry.points[:seed], geometry.colors[:seed])
    recipe = {"prompt": "a red chair", "seed": seed, "turn_deg": 0, "outputs": "mesh" if is_mesh else "cloud"}
    values = {"name": "a red chair", "recipe": recipe, "size": 2.0, "location": (3.0, -1.0, 0.5)}
    return Result(f"20261128-2232{seed % 60:02}-x", mesh=part, cloud=cloud, **(values | changes))


@pytest.fixture(params=["mesh", "cloud"])
def geometry(request, mesh, cloud):
    return {"mesh": mesh, "cloud": cloud}[request.param]


@pytest.fixture
def versioned(scene, geometry):
    """A function that returns an object with versions of these seeds, the last of them active."""

    def versioned(*seeds):
        (target,) = import_result(result_of(seeds[0], geometry), scene)
        for seed in seeds[1:]:
            replace_with_result(target, result_of(seed, geometry))
        return target

    return versioned


@pytest.fixture
def versioned_mesh(scene, mesh):
    def versioned(*seeds):
        (target,) = import_result(result_of(seeds[0], mesh), scene)
        for seed in seeds[1:]:
            replace_with_result(target, result_of(seed, mesh))
        return target

    return versioned


def size_of(target):
    """Return the number of faces of a mesh, of points of a cloud: the seed."""
    data = target.data
    return len(data.polygons) if kind_of(target) == "mesh" else len(data.attributes["position"].data)


def positions_of(target):
    """Return the vertices or points, `(N, 3) float32`."""
    values = target.data.attributes["position"].data
    points = np.empty(3 * len(values), np.float32)
    values.foreach_get("vector", points)
    return points.reshape(-1, 3)


def seed_of(target):
    return recipe_of(target)["seed"]


def shown(target):
    """Return what is shown: size, seed in the recipe, number."""
    return size_of(target), seed_of(target), version_number(target)


def geometry_count():
    return len(bpy.data.meshes) + len(bpy.data.pointclouds)


def activate(target):
    bpy.context.view_layer.update()
    for item in bpy.context.view_layer.objects:
        item.select_set(item == target)
    bpy.context.view_layer.objects.active = target


def test_the_add_on_registers_the_names_that_the_scene_reads():
    assert (version_properties.NAME, version_properties.ACTIVE_NAME) == (names.VERSIONS, names.ACTIVE_VERSION)


def test_a_result_replaces_the_geometry_and_the_older_one_is_kept(versioned):
    target = versioned(50, 60, 70)
    assert shown(target) == (70, 70, 3)
    assert version_count(target) == 3
    for number, seed in ((1, 50), (2, 60), (3, 70), (1, 50)):
        show_version(target, number)
        assert shown(target) == (seed, seed, number)
    assert geometry_count() == 3


def test_what_the_user_did_to_the_object_stays(versioned, scene):
    target, parent = versioned(50), bpy.data.objects.new("parent", None)
    child, follower = bpy.data.objects.new("child", None), bpy.data.objects.new("follower", None)
    own = bpy.data.collections.new("own")
    scene.collection.children.link(own)
    for item in (parent, child, follower):
        own.objects.link(item)
    own.objects.link(target)
    target.parent, child.parent = parent, target
    target.location, target.scale, target.rotation_euler.z = (1, 2, 3), (2, 2, 2), 0.5
    target["own property"] = "kept"
    target.constraints.new("LIMIT_SCALE")
    constraint = follower.constraints.new("COPY_LOCATION")
    constraint.target = target
    driver = follower.driver_add("location", 0).driver
    variable = driver.variables.new()
    variable.targets[0].id, variable.targets[0].data_path = target, "location.x"
    bevel = target.modifiers.new("own modifier", "NODES" if target.type == "POINTCLOUD" else "BEVEL")
    before = [modifier.name for modifier in target.modifiers]
    geometry_before = target.data

    replace_with_result(target, result_of(60, target_geometry(target)))
    for number in (1, 2):
        show_version(target, number)
        assert (target.parent, child.parent, constraint.target, variable.targets[0].id) == (
            parent, target, target, target,
        )  # fmt: skip
        assert [tuple(target.location), tuple(target.scale)] == [(1, 2, 3), (2, 2, 2)]
        assert target.rotation_euler.z == 0.5
        assert [modifier.name for modifier in target.modifiers] == before
        assert bevel.name in before
        assert [constraint.type for constraint in target.constraints] == ["LIMIT_SCALE"]
        assert own in target.users_collection
        assert target["own property"] == "kept"
    show_version(target, 1)
    assert target.data == geometry_before


def target_geometry(target):
    """Return random geometry that fits an object."""
    rng = np.random.default_rng(0)
    points, colors = rng.random((400, 3), dtype=np.float32), rng.random((400, 3), dtype=np.float32)
    faces = np.stack([np.arange(0, 398), np.arange(1, 399), np.arange(2, 400)], axis=1).astype(np.int32)
    return Mesh(points, faces, colors) if kind_of(target) == "mesh" else PointCloud(points, colors)


def test_the_data_shown_has_one_user_so_that_blender_applies_modifiers_and_transforms(versioned_mesh):
    target = versioned_mesh(50, 60)
    show_version(target, 1)
    assert target.data.users == 1
    activate(target)
    target.modifiers.new("triangulate", "TRIANGULATE")
    assert bpy.ops.object.modifier_apply(modifier="triangulate") == {"FINISHED"}
    assert bpy.ops.object.transform_apply() == {"FINISHED"}
    show_version(target, 2)
    assert shown(target) == (60, 60, 2)


def test_a_material_that_the_user_set_stays_and_the_color_of_solid_view_follows(scene, mesh):
    red, blue = (Mesh(mesh.vertices, mesh.faces, mesh.colors * 0 + np.eye(3, dtype=np.float32)[i]) for i in (0, 2))
    (target,) = import_result(result_of(50, red), scene)
    own = target.data.materials[0]
    own.roughness = 0.1
    replace_with_result(target, result_of(60, blue))
    assert target.data.materials[0] == own
    assert tuple(own.diffuse_color)[:3] == pytest.approx((0, 0, 1), abs=0.01)
    show_version(target, 1)
    assert tuple(own.diffuse_color)[:3] == pytest.approx((1, 0, 0), abs=0.01)
    gold = bpy.data.materials.new("gold")
    target.data.materials[0] = gold
    show_version(target, 2)
    assert target.data.materials[0] == gold
    assert tuple(gold.diffuse_color)[:3] == pytest.approx((0.8, 0.8, 0.8))


def test_materials_linked_to_the_object_stay_with_all_their_slots(versioned):
    target = versioned(50)
    gold, silver = bpy.data.materials.new("gold"), bpy.data.materials.new("silver")
    target.data.materials.append(None)
    for slot, material in zip(target.material_slots, (gold, silver), strict=True):
        slot.link, slot.material = "OBJECT", material
    replace_with_result(target, result_of(60, target_geometry(target)))
    show_version(target, 1)
    show_version(target, 2)
    assert [slot.material for slot in target.material_slots] == [gold, silver]


def test_a_baked_material_stays_with_its_own_version(scene, mesh):
    from blender_text3d.scene.bake import bake_texture, is_baked

    (target,) = import_result(result_of(50, mesh), scene)
    activate(target)
    bake_texture(target, 32)
    baked = target.data.materials[0]
    replace_with_result(target, result_of(60, mesh))
    assert not is_baked(target.data.materials[0])
    assert target.data.materials[0].node_tree.nodes["Attribute"].attribute_name == "Color"
    show_version(target, 1)
    assert target.data.materials[0] == baked
    assert target.data.uv_layers


def test_the_decimate_modifier_keeps_the_number_of_faces_it_shows(scene, mesh):
    (target,) = import_result(result_of(600, mesh, max_faces=300), scene)
    target["text3d_recipe"] = target["text3d_recipe"].replace('"seed"', '"most_faces": 300, "seed"')
    modifier = target.modifiers[DECIMATE_MODIFIER]
    modifier.ratio = 0.25
    replace_with_result(target, result_of(400, mesh, max_faces=300))
    assert modifier.ratio == pytest.approx(150 / 400)
    show_version(target, 1)
    assert modifier.ratio == pytest.approx(0.25)
    replace_with_result(target, result_of(400, mesh, max_faces=100))
    assert target.modifiers[DECIMATE_MODIFIER].ratio == pytest.approx(0.25)
    assert len(target.modifiers) == 1


def test_a_decimate_modifier_that_the_user_removed_stays_away(scene, mesh):
    (target,) = import_result(result_of(600, mesh, max_faces=300), scene)
    target["text3d_recipe"] = target["text3d_recipe"].replace('"seed"', '"most_faces": 300, "seed"')
    target.modifiers.clear()
    replace_with_result(target, result_of(400, mesh, max_faces=300))
    assert not target.modifiers


def test_the_radius_of_points_stays(scene, cloud):
    (target,) = import_result(result_of(50, cloud), scene)
    set_radius(target, 0.125)
    replace_with_result(target, result_of(60, cloud))
    assert radius_of(target) == pytest.approx(0.125)
    show_version(target, 1)
    assert radius_of(target) == pytest.approx(0.125)


def test_a_rotation_stays_with_the_version_that_was_rotated(versioned_mesh):
    target = versioned_mesh(50, 60)
    rotate_objects([target])
    show_version(target, 1)
    assert recipe_of(target)["turn_deg"] == 0
    show_version(target, 2)
    assert recipe_of(target)["turn_deg"] == 90


def test_an_edit_stays_in_the_version_it_was_made_in(versioned_mesh):
    target = versioned_mesh(50, 60)
    target.data.vertices[0].co.x = 9
    show_version(target, 1)
    assert target.data.vertices[0].co.x != 9
    show_version(target, 2)
    assert target.data.vertices[0].co.x == 9


def test_vertex_groups_and_shape_keys_stay_with_their_version(versioned_mesh):
    target = versioned_mesh(50, 60)
    target.vertex_groups.new(name="group").add([0, 1], 1.0, "ADD")
    target.shape_key_add(name="Basis")
    show_version(target, 1)
    assert (len(target.vertex_groups), target.data.shape_keys) == (0, None)
    show_version(target, 2)
    assert [group.name for group in target.vertex_groups] == ["group"]
    assert [key.name for key in target.data.shape_keys.key_blocks] == ["Basis"]


def test_an_older_object_gets_its_first_version_from_what_it_shows(versioned):
    target = versioned(50)
    assert (version_count(target), version_number(target), len(target.text3d_versions)) == (1, 1, 0)
    replace_with_result(target, result_of(60, target_geometry(target)))
    first = target.text3d_versions[0]
    assert (first.name, first.seed, first.job_id, first.created) == (
        "a red chair", 50, "20261128-223250-x", "2026-11-28 22:32",
    )  # fmt: skip
    second = target.text3d_versions[1]
    assert (second.name, second.seed, second.job_id, second.data) == ("a red chair", 60, "20261128-223200-x", None)


def test_the_recipe_is_stored_as_that_of_a_new_object(scene, mesh):
    recipe = {"prompt": "🪑 كرسي", "seed": 50, "outputs": "mesh"}
    (target,) = import_result(result_of(50, mesh, recipe=recipe), scene)
    text = target["text3d_recipe"]
    replace_with_result(target, result_of(50, mesh, recipe=recipe))
    assert target["text3d_recipe"] == target.text3d_versions[0].recipe == text


def test_the_preview_of_the_result_is_removed(versioned_mesh, mesh, scene):
    target, result = versioned_mesh(50), result_of(60, mesh)
    matrix = tuple(tuple(row) for row in target.matrix_world)
    where = {"size": 1.0, "location": (0, 0, 0), "scene": scene, "matrix_world": matrix}
    show_preview(result.job_id, result.name, mesh, **where)
    show_preview("another job", result.name, mesh, **where)
    replace_with_result(target, result)
    (left,) = find_previews()
    assert left["text3d_forming"] == "another job"


@pytest.mark.parametrize(("number", "left"), [(1, [60, 70]), (2, [50, 70]), (3, [50, 60])])
def test_deleting_a_version_shows_its_neighbor_and_frees_its_data(versioned, number, left):
    target = versioned(50, 60, 70)
    show_version(target, number)
    delete_version(target)
    assert geometry_count() == version_count(target) == 2
    assert seeds_of(target) == left
    assert shown(target)[2] == max(1, number - 1)


def seeds_of(target):
    """Return the seeds of all versions, by showing one after the other."""
    now, seeds = version_number(target), []
    for number in range(1, version_count(target) + 1):
        show_version(target, number)
        assert size_of(target) == seed_of(target)
        seeds.append(seed_of(target))
    show_version(target, now)
    return seeds


def test_the_only_version_cannot_be_deleted(versioned):
    with pytest.raises(VersionError, match="one version only"):
        delete_version(versioned(50))


def test_keeping_one_version_frees_the_data_of_the_others(versioned):
    target = versioned(50, 60, 70)
    show_version(target, 2)
    assert keep_active_version(target) == 2
    assert not target.text3d_versions
    assert shown(target) == (60, 60, 1)
    assert geometry_count() == 1
    assert not [material for material in bpy.data.materials if not material.users]


def test_versions_become_objects_beside_the_object(versioned, scene):
    target = versioned(50, 60, 70)
    target.modifiers.new("own", "NODES")
    show_version(target, 2)
    target.text3d_versions[0].name = "a blue chair"
    first, last = versions_to_objects(target)
    assert (first.name, last.name) == ("a blue chair", "a red chair.001")
    assert [shown(item)[:2] for item in (first, target, last)] == [(50, 50), (60, 60), (70, 70)]
    places = sorted(item.location.x for item in (target, first, last))
    widths = [np.ptp(positions_of(item)[:, 0]) for item in (target, first, last)]
    assert np.diff(places).min() > max(widths)
    assert {version_count(item) for item in scene.objects} == {1}
    assert all("own" in item.modifiers and item.users_collection for item in (first, last))
    assert len({item["text3d_object_id"] for item in scene.objects}) == 3
    assert geometry_count() == 3
    assert {item.data.users for item in scene.objects} == {1}


@pytest.mark.parametrize("is_linked", [False, True], ids=["Shift+D", "Alt+D"])
def test_a_duplicate_is_independent(versioned, is_linked):
    first = versioned(50, 60)
    activate(first)
    bpy.ops.object.duplicate(linked=is_linked)
    second = bpy.context.view_layer.objects.active
    assert second != first
    show_version(first, 1)
    assert (shown(first), shown(second)) == ((50, 50, 1), (60, 60, 2))
    show_version(second, 1)
    assert first.data != second.data
    positions = first.data.attributes["position"].data
    positions[0].vector = (9, 9, 9)
    for target in (first, second):
        show_version(target, 2)
    assert first.data != second.data
    replace_with_result(second, result_of(70, target_geometry(second)))
    keep_active_version(second)
    assert seeds_of(first) == [50, 60]
    show_version(first, 1)
    assert tuple(first.data.attributes["position"].data[0].vector) == (9, 9, 9)
    assert geometry_count() == 3


def test_data_that_another_object_uses_is_never_removed(versioned, scene):
    target = versioned(50, 60)
    other = bpy.data.objects.new("other", target.data)
    scene.collection.objects.link(other)
    delete_version(target)
    assert size_of(target) == 50
    assert len(other.data.attributes["position"].data) > 0
    assert geometry_count() == 2


def test_data_with_a_fake_user_is_not_removed_and_not_copied(versioned):
    target = versioned(50, 60)
    target.data.use_fake_user = True
    show_version(target, 1)
    show_version(target, 2)
    assert geometry_count() == 2
    delete_version(target)
    assert geometry_count() == 2


def test_a_version_whose_data_the_user_removed_is_gone(versioned):
    target = versioned(50, 60, 70)
    data = target.text3d_versions[0].data
    (bpy.data.meshes if target.type == "MESH" else bpy.data.pointclouds).remove(data)
    assert (version_count(target), version_number(target)) == (2, 2)
    assert seeds_of(target) == [60, 70]


def test_a_version_that_the_user_chose_from_blenders_list_of_meshes_is_the_active_one(versioned):
    target = versioned(50, 60, 70)
    target.data = target.text3d_versions[1].data
    show_version(target, 1)
    assert version_count(target) == 2
    assert seeds_of(target) == [50, 60]


@pytest.mark.parametrize("chosen", [1, 2])
def test_a_later_version_that_the_user_chose_from_blenders_list_of_meshes_loses_no_other(versioned, chosen):
    target = versioned(50, 60, 70)
    show_version(target, 1)
    target.data = target.text3d_versions[chosen].data
    update_list(target)
    assert version_number(target) == chosen  # the first one, that of the mesh before, is gone
    assert version_count(target) == 2
    assert seeds_of(target) == [60, 70]


def test_fifty_versions(versioned):
    target = versioned(*range(50, 100))
    assert version_count(target) == geometry_count() == 50
    assert seeds_of(target) == list(range(50, 100))
    keep_active_version(target)
    assert geometry_count() == 1


def test_there_is_a_limit_that_loses_nothing(versioned, monkeypatch):
    monkeypatch.setattr("blender_text3d.scene.versions.MAX_VERSIONS", 2)
    target = versioned(50, 60)
    with pytest.raises(VersionError, match="has 2 versions"):
        replace_with_result(target, result_of(70, target_geometry(target)))
    assert seeds_of(target) == [50, 60]
    assert geometry_count() == 2


def test_undo_and_redo_cross_a_replacement_and_a_flip(versioned):
    target = versioned(50)
    name = target.name
    bpy.ops.ed.undo_push(message="made")
    replace_with_result(target, result_of(60, target_geometry(target)))
    bpy.ops.ed.undo_push(message="replaced")
    show_version(target, 1)
    bpy.ops.ed.undo_push(message="flipped")
    expected = [(60, 60, 2), (50, 50, 1)]
    for step in expected:
        bpy.ops.ed.undo()
        assert shown(bpy.data.objects[name]) == step
    assert version_count(bpy.data.objects[name]) == 1
    for step in (*expected[:1], (50, 50, 1)):
        bpy.ops.ed.redo()
        assert shown(bpy.data.objects[name]) == step
    assert seeds_of(bpy.data.objects[name]) == [50, 60]


def test_undo_brings_deleted_versions_back(versioned):
    target = versioned(50, 60, 70)
    name = target.name
    bpy.ops.ed.undo_push(message="made")
    keep_active_version(target)
    bpy.ops.ed.undo_push(message="kept")
    bpy.ops.ed.undo()
    assert seeds_of(bpy.data.objects[name]) == [50, 60, 70]


def test_versions_survive_a_save_a_purge_and_a_file_opened_without_the_add_on(versioned, tmp_path):
    target = versioned(50, 60, 70)
    show_version(target, 2)
    name, path = target.name, str(tmp_path / "versions.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    version_properties.remove()
    bpy.ops.wm.open_mainfile(filepath=path)
    bpy.data.orphans_purge(do_recursive=True)
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    version_properties.add()
    target = bpy.data.objects[name]
    assert shown(target) == (60, 60, 2)
    assert seeds_of(target) == [50, 60, 70]


@pytest.mark.skipif(bpy.app.version < (5, 0), reason="Blender 4 stores registered properties as custom properties")
def test_the_copy_of_the_list_from_a_file_of_blender_4_keeps_no_data(versioned):
    target = versioned(50, 60, 70)
    target["text3d_versions"] = [{"data": entry.data} for entry in target.text3d_versions if entry.data]
    assert target.text3d_versions[0].data.users == 2
    assert seeds_of(target) == [50, 60, 70]
    assert geometry_count() == 3
    keep_active_version(target)
    assert geometry_count() == 1


def test_a_joined_object_keeps_the_joined_geometry_in_its_version(versioned_mesh, mesh, scene):
    target = versioned_mesh(50, 60)
    (other,) = import_result(result_of(40, mesh), scene)
    activate(target)
    other.select_set(True)
    bpy.ops.object.join()
    assert len(target.data.polygons) == 100
    show_version(target, 1)
    assert len(target.data.polygons) == 50
    show_version(target, 2)
    assert len(target.data.polygons) == 100


def test_an_object_converted_to_another_type_says_so_and_its_versions_become_objects(versioned_mesh, scene):
    target = versioned_mesh(50, 60)
    target.data.clear_geometry()
    target.data.from_pydata([(0, 0, 0), (1, 0, 0)], [(0, 1)], [])
    activate(target)
    bpy.ops.object.convert(target="CURVE")
    target = bpy.context.view_layer.objects.active
    assert target.type == "CURVE"
    for change in (lambda: show_version(target, 1), lambda: delete_version(target)):
        with pytest.raises(VersionError, match="no longer a mesh or point cloud"):
            change()
    (made,) = versions_to_objects(target)
    assert shown(made)[:2] == (50, 50)
    assert made.type == "MESH"


@pytest.mark.skipif(not has_native_clouds(), reason="clouds are meshes in this Blender")
def test_a_cloud_converted_to_a_mesh_says_so_and_can_be_replaced(scene, cloud):
    (target,) = import_result(result_of(50, cloud), scene)
    replace_with_result(target, result_of(60, cloud))
    activate(target)
    bpy.ops.object.convert(target="MESH")
    target = bpy.context.view_layer.objects.active
    with pytest.raises(VersionError, match="converted to another type"):
        show_version(target, 1)
    replace_with_result(target, result_of(70, cloud))
    assert shown(target) == (70, 70, 3)
    show_version(target, 2)
    assert seed_of(target) == 60
    made = versions_to_objects(target)
    assert sorted(item.type for item in made) == ["MESH", "POINTCLOUD"]


@pytest.fixture
def library(versioned_mesh, tmp_path):
    """A file with an object of two versions; the present file is empty again."""
    versioned_mesh(50, 60)
    path = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.read_homefile(app_template="", use_empty=True)
    with bpy.data.libraries.load(path, link=True) as (_, to):
        to.objects = ["a red chair"]
    (target,) = to.objects
    bpy.context.scene.collection.objects.link(target)
    return target


def test_a_linked_object_says_so(library, mesh):
    changes = (
        lambda: show_version(library, 1), lambda: delete_version(library), lambda: keep_active_version(library),
        lambda: versions_to_objects(library), lambda: replace_with_result(library, result_of(70, mesh)),
    )  # fmt: skip
    for change in changes:
        with pytest.raises(VersionError, match="linked from another file"):
            change()


def test_a_library_override_says_so(library, mesh):
    target = library.override_create()
    for change in (lambda: show_version(target, 1), lambda: replace_with_result(target, result_of(70, mesh))):
        with pytest.raises(VersionError, match="library override"):
            change()


def test_an_object_made_local_has_versions_of_its_own(library, mesh):
    target = library.make_local()
    show_version(target, 1)
    assert target.data.library is None
    show_version(target, 2)
    assert shown(target) == (60, 60, 2)
    replace_with_result(target, result_of(70, mesh))
    assert seeds_of(target) == [50, 60, 70]


def test_an_object_in_edit_mode_says_so(versioned_mesh):
    target = versioned_mesh(50, 60)
    activate(target)
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(VersionError, match="Switch to Object Mode"):
        show_version(target, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    assert shown(target) == (60, 60, 2)


def test_a_result_without_geometry_of_the_type_is_refused_and_nothing_changes(versioned_mesh, cloud):
    target = versioned_mesh(50)
    with pytest.raises(VersionError, match="no geometry of the type"):
        replace_with_result(target, result_of(60, cloud))
    assert (shown(target), geometry_count()) == ((50, 50, 1), 1)


def test_a_list_from_an_untrusted_file_does_no_harm(versioned_mesh):
    target = versioned_mesh(50, 60)
    entries = target.text3d_versions
    for data in (bpy.data.objects["a red chair"], bpy.data.cameras.new("camera"), target.data, None):
        entries.add().data = data
    entries[1].data = target.data
    target.text3d_active_version = 10**6
    assert version_count(target) >= 1
    show_version(target, 1)
    assert size_of(target) in (50, 60)
    assert version_count(target) == len(target.text3d_versions)
