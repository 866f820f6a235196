# SPDX-License-Identifier: GPL-3.0-or-later
"""Each name of Blender's API in the source is known to this Blender: icons, layouts, operators, types, modules.

Most panels and operators are tried in the newest Blender only, and these names are what changes between releases.
"""

import ast
from functools import cache
from pathlib import Path

import bpy
import bpy.utils.previews  # a module of its own
import pytest

import blender_text3d

PACKAGE = Path(blender_text3d.__file__).parent
LAYOUTS = {"box", "column", "flow", "grid", "layout", "row", "split"}
"""Names of the variables that hold a layout."""
OF_DATA = {"context", "data", "ops"}
"""Parts of bpy whose first name is a property or a group."""
ONLY_WHERE_FOUND = {"bpy.types.EXTENSIONS_OT_userpref_allow_online", "bpy.data.pointclouds"}
"""Names that the source asks for before it uses them."""


@cache
def nodes(folders=("addon", "scene")):
    """Return all nodes of the syntax trees of the modules below these folders."""
    files = (file for folder in folders for file in sorted((PACKAGE / folder).rglob("*.py")))
    return [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]


def chains(root, **folders):
    """Return each chain of attributes that starts with this name, as a tuple of names."""
    found = set()
    for node in nodes(**folders):
        names = []
        while isinstance(node, ast.Attribute):
            names.insert(0, node.attr)
            node = node.value
        if names and isinstance(node, ast.Name) and node.id == root:
            found.add((root, *names))
    return found


def icons():
    """Return the icons that are given to a layout, an item of an enumeration, or a button."""
    calls = [node for node in nodes() if isinstance(node, ast.Call)]
    given = [keyword.value for call in calls for keyword in call.keywords if keyword.arg == "icon"]
    given += [call.args[2] for call in calls if getattr(call.func, "id", "") == "FixButton"]
    choices = [part for value in given for part in ast.walk(value) if isinstance(part, ast.IfExp)]
    constants = [*given, *(value for choice in choices for value in (choice.body, choice.orelse))]
    return {node.value for node in constants if isinstance(node, ast.Constant)}


def is_known(chain):
    """True if this Blender has what the names say, as far as that is no property of data."""
    value = bpy
    for name in chain[1:3] if chain[1] in OF_DATA else chain[1:]:
        if not hasattr(value, name):
            return isinstance(value, bpy.types.bpy_struct)
        value = getattr(value, name)
    return True


def test_every_icon_is_known():
    takers = (bpy.types.UILayout.bl_rna.functions["label"], bpy.types.WindowManager.bl_rna.functions["invoke_confirm"])
    known = {icon for taker in takers for icon in taker.parameters["icon"].enum_items.keys()}  # noqa: SIM118
    assert len(icons()) > 50
    assert sorted(icons() - known) == []


def test_every_part_of_a_layout_is_known():
    used = {names[1] for layout in LAYOUTS for names in chains(layout, folders=("addon/panels",))}
    known = {*bpy.types.UILayout.bl_rna.functions.keys(), *bpy.types.UILayout.bl_rna.properties.keys()}
    assert {"label", "operator", "prop", "separator"} <= used
    assert sorted(used - known - set(dir(bpy.types.UILayout))) == []


def test_every_operator_is_known(addon):
    operators = {chain[2:4] for chain in chains("bpy") if chain[1] == "ops" and len(chain) > 3}
    assert len(operators) > 5
    for group, name in sorted(operators):
        assert getattr(getattr(bpy.ops, group), name).get_rna_type(), (group, name)


@pytest.mark.parametrize("part", ["app", "context", "data", "path", "props", "types", "utils"])
def test_every_name_of_a_part_of_bpy_is_known(addon, part):
    used = {chain for chain in chains("bpy") if chain[1] == part and len(chain) > 2}
    assert used
    assert {".".join(chain) for chain in used if not is_known(chain)} <= ONLY_WHERE_FOUND
