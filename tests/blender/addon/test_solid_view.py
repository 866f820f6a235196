# SPDX-License-Identifier: GPL-3.0-or-later
"""Solid view shows the colors of generated objects, and keeps those of other objects."""

from types import SimpleNamespace

import bpy
import pytest

from tests.blender.recording_layout import RecordingLayout


@pytest.fixture
def spaces(scene):
    """The 3D views of Blender's default layout, not changed by the add-on yet."""
    from blender_text3d.addon.jobs import solid_view

    bpy.ops.wm.read_homefile(app_template="")
    solid_view._changed.clear()
    found = solid_view.material_color_spaces()
    assert found
    return found


def color_types(spaces):
    return {space.shading.color_type for space in spaces}


def painted_object(color):
    material = bpy.data.materials.new("paint")
    material.diffuse_color = color
    data = bpy.data.meshes.new("wall")
    data.materials.append(material)
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("wall", data))


def test_views_show_color_attributes_from_the_first_result_on(spaces):
    from blender_text3d.addon.jobs import solid_view

    solid_view.show_colors()
    assert color_types(spaces) == {"VERTEX"}


def test_a_view_that_the_user_changed_back_stays_so(spaces):
    from blender_text3d.addon.jobs import solid_view

    solid_view.show_colors()
    spaces[0].shading.color_type = "MATERIAL"
    solid_view.show_colors()
    assert spaces[0].shading.color_type == "MATERIAL"


def test_a_view_with_another_choice_is_left(spaces):
    from blender_text3d.addon.jobs import solid_view

    spaces[0].shading.color_type = "RANDOM"
    solid_view.show_colors()
    assert spaces[0].shading.color_type == "RANDOM"


def test_a_scene_with_colored_materials_keeps_them_until_the_button_is_pressed(addon, spaces):
    from blender_text3d.addon.jobs import solid_view

    painted_object((0.1, 0.2, 0.9, 1.0))
    solid_view.show_colors()
    assert color_types(spaces) == {"MATERIAL"}
    assert bpy.ops.text3d.show_colors() == {"FINISHED"}
    assert color_types(spaces) == {"VERTEX"}


def test_our_own_materials_do_not_count_as_the_users(spaces, mesh):
    from blender_text3d.addon.jobs import solid_view
    from blender_text3d.scene.importer import Result, import_result

    import_result(Result("job-1", "a ball", {}, mesh, None, 1.0, (0, 0, 0)), bpy.context.scene)
    solid_view.show_colors()
    assert color_types(spaces) == {"VERTEX"}


def test_a_point_cloud_shows_its_mean_color_if_attributes_are_shown(scene, cloud):
    from blender_text3d.scene.colors import mean_color_linear
    from blender_text3d.scene.point_cloud import new_cloud_object

    assert tuple(new_cloud_object("points", cloud.points, cloud.colors).color) == pytest.approx(
        mean_color_linear(cloud.colors), abs=1e-5
    )


@pytest.mark.parametrize(
    ("color", "is_colored"),
    [
        ((0.8, 0.8, 0.8, 1.0), False), ((0.8, 0.8, 0.8, 0.5), False), ((0.8, 0.8, 0.8009, 1.0), False),
        ((0.8, 0.8, 0.802, 1.0), True), ((0.798, 0.8, 0.8, 1.0), True),
    ],
)  # fmt: skip
def test_a_material_is_colored_if_it_differs_visibly_from_blenders_gray(scene, color, is_colored):
    from blender_text3d.addon.jobs import solid_view

    painted_object(color)
    assert solid_view.has_colored_user_material() is is_colored


def test_a_material_that_nothing_uses_does_not_count(scene):
    from blender_text3d.addon.jobs import solid_view

    bpy.data.materials.new("paint").diffuse_color = (1, 0, 0, 1)
    assert not solid_view.has_colored_user_material()


@pytest.mark.parametrize(
    ("shading", "is_drawn"),
    [
        (("SOLID", "MATERIAL"), True), (("SOLID", "VERTEX"), False), (("MATERIAL", "MATERIAL"), False), (None, False),
    ],
)  # fmt: skip
def test_the_button_is_there_if_solid_view_shows_material_colors(addon, shading, is_drawn):
    from blender_text3d.addon.jobs import solid_view

    space = SimpleNamespace()
    if shading:
        space.shading = SimpleNamespace(type=shading[0], color_type=shading[1])
    layout = RecordingLayout()
    solid_view.draw_button(layout, SimpleNamespace(space_data=space))
    assert [button.identifier for button in layout.buttons] == ["TEXT3D_OT_show_colors"] * is_drawn
