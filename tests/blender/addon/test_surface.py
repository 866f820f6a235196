# SPDX-License-Identifier: GPL-3.0-or-later
"""Materials by the words of prompts, one for each object, and one for all."""

import bpy
import pytest

from blender_text3d.scene.material_look import look_of, set_look, store_look
from tests.blender.recording_layout import drawn

GOLD = (1, 0.2, 0, 0)


@pytest.fixture
def generate(addon, scene):
    """A function that generates an object of a prompt, and returns it."""

    def generate(prompt, **settings):
        for name, value in {"prompt": prompt, **settings}.items():
            setattr(addon, name, value)
        bpy.ops.text3d.generate()
        return bpy.context.view_layer.objects.active

    return generate


def surface(target, slot=0):
    """Return the inputs metallic, roughness, transmission and coat of a material."""
    nodes = target.material_slots[slot].material.node_tree.nodes
    (node,) = [node for node in nodes if node.type == "BSDF_PRINCIPLED"]
    names = ("Metallic", "Roughness", "Transmission Weight", "Coat Weight")
    return tuple(round(node.inputs[name].default_value, 4) for name in names)


def select(*targets):
    for item in bpy.context.view_layer.objects:
        item.select_set(item in targets)
    bpy.context.view_layer.objects.active = targets[-1]


def test_a_golden_object_of_a_small_model_is_metallic(generate):
    target = generate("a golden crown")
    assert surface(target) == GOLD
    assert target.data.materials[0].metallic == 1
    assert surface(generate("a red chair")) == (0, 0.6, 0, 0)


@pytest.mark.parametrize(("choice", "model", "is_metallic"), [
    ("auto", "mini/shap-e", True), ("auto", "shap-e/text300M", False), ("always", "shap-e/text300M", True),
    ("never", "mini/shap-e", False),
])  # fmt: skip
def test_the_setting_says_for_which_models(choice, model, is_metallic):
    from blender_text3d.addon.jobs.import_result import look_by_prompt
    from blender_text3d.protocol.request import Request

    assert (
        bool(
            look_by_prompt(
                Request(prompt="a golden crown", model=model, seed=1, steps=4, guidance=1.0, grid=16), choice
            )
        )
        == is_metallic
    )


def test_the_setting_is_in_the_panel_and_used(generate):
    assert "Material Words" in drawn().splitlines()
    assert surface(generate("a golden crown", material_words="never")) == (0, 0.6, 0, 0)


def test_a_material_has_the_name_of_its_object(generate):
    first, second = generate("a golden crown"), generate("a golden crown")
    for target in (first, second):
        assert [material.name for material in target.data.materials] == [target.name]


def test_words_are_applied_to_all_selected_objects_and_the_others_are_named(generate, capsys):
    crown, key = (generate(prompt, material_words="never") for prompt in ("a golden crown", "a silver key"))
    chair = generate("a red chair")
    select(crown, key, chair)
    assert bpy.ops.text3d.set_material(action="WORDS") == {"FINISHED"}
    assert (surface(crown), surface(key), surface(chair)) == (GOLD, GOLD, (0, 0.6, 0, 0))
    assert 'Skipped "a red chair" (without a word for a material).' in capsys.readouterr().out
    assert bpy.ops.text3d.set_material(action="WORDS", words="matte plastic") == {"FINISHED"}
    assert surface(chair) == (0, 0.9, 0, 0)


def test_another_object_of_the_same_material_keeps_its_look(generate):
    first, second = generate("a red chair"), generate("a red chair")
    second.data.materials[0] = first.data.materials[0]
    select(first)
    bpy.ops.text3d.set_material(action="WORDS", words="gold")
    assert (surface(first), surface(second)) == (GOLD, (0, 0.6, 0, 0))


def test_words_apply_to_the_users_own_meshes_too(addon, scene):
    bpy.ops.mesh.primitive_cube_add()
    target = bpy.context.view_layer.objects.active
    with pytest.raises(RuntimeError, match="without a Principled BSDF"):
        bpy.ops.text3d.set_material(action="WORDS", words="gold")
    material = bpy.data.materials.new("mine")
    if material.node_tree is None:
        material.use_nodes = True
    target.data.materials.append(material)
    bpy.ops.text3d.set_material(action="WORDS", words="gold")
    assert surface(target)[:2] == (1, 0.2)


def test_one_undo_step_reverts_it(generate):
    generate("a golden crown", material_words="never")
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.text3d.set_material("EXEC_DEFAULT", True, action="WORDS")
    bpy.ops.ed.undo()
    (target,) = bpy.context.scene.objects
    assert surface(target) == (0, 0.6, 0, 0)
    assert look_of(target.data) == ()


def test_a_shared_material_shows_each_objects_own_colors(generate):
    first, second = generate("a red chair"), generate("a golden crown")
    select(second, first)
    assert bpy.ops.text3d.set_material(action="SHARE") == {"FINISHED"}
    assert second.data.materials[0] == first.data.materials[0]
    assert bpy.ops.text3d.set_material(action="SINGLE") == {"FINISHED"}
    assert second.data.materials[0] != first.data.materials[0]
    assert [item.data.materials[0].name for item in (first, second)] == ["a red chair", "a golden crown"]


def test_a_baked_object_keeps_its_material_when_others_share(generate):
    first, second = generate("a red chair"), generate("a red chair")
    select(second)
    bpy.ops.text3d.bake_texture(size="256")
    select(second, first)
    with pytest.raises(RuntimeError, match=r'Skipped "a red chair.001" \(with a texture of its own\)'):
        bpy.ops.text3d.set_material(action="SHARE")
    select(first, second)
    with pytest.raises(RuntimeError, match="shows no color attribute"):
        bpy.ops.text3d.set_material(action="SHARE")


def test_an_object_of_an_older_version_is_renamed(generate):
    target = generate("a red chair")
    target.data.materials[0].name = "Text3D Color.011"
    assert bpy.ops.text3d.set_material(action="SINGLE") == {"FINISHED"}
    assert target.data.materials[0].name == "a red chair"
    assert bpy.ops.text3d.set_material(action="SINGLE") == {"CANCELLED"}


def test_versions_of_other_materials_keep_them(generate):
    from blender_text3d.scene.versions import show_version

    target = generate("a golden crown")
    assert bpy.ops.text3d.edit_prompt(prompt="a red crown") == {"FINISHED"}
    assert surface(target) == (0, 0.6, 0, 0)
    show_version(target, 1)
    assert surface(target) == GOLD
    show_version(target, 2)
    assert surface(target) == (0, 0.6, 0, 0)


def test_versions_of_one_material_share_what_the_user_made_of_it(generate):
    target = generate("a golden crown")
    mine = target.data.materials[0]
    bpy.ops.text3d.new_seed()
    assert target.data.materials[0] == mine
    assert surface(target) == GOLD


@pytest.mark.parametrize("value", ["gold", 1.0, [1.0], [2.0, 0, 0, 0], [float("nan")] * 4, {"a": 1}])
def test_a_damaged_look_counts_as_none(scene, value):
    data = bpy.data.meshes.new("x")
    data["text3d_material_look"] = value
    assert look_of(data) == ()


def test_a_stored_look_is_read_and_removed(scene):
    data = bpy.data.meshes.new("x")
    store_look(data, GOLD)
    assert look_of(data) == GOLD
    store_look(data, ())
    assert look_of(data) == ()


def test_linked_inputs_stay(generate):
    target = generate("a red chair")
    tree = target.data.materials[0].node_tree
    (node,) = [node for node in tree.nodes if node.type == "BSDF_PRINCIPLED"]
    value = tree.nodes.new("ShaderNodeValue")
    tree.links.new(value.outputs[0], node.inputs["Metallic"])
    set_look(target.data.materials[0], GOLD)
    assert surface(target) == (0, 0.2, 0, 0)
