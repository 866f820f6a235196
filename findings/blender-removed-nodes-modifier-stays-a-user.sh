#!/usr/bin/env bash
# Version: bpy 5.2.3 (not in 4.2.23, 4.5.15 and 5.0.1)
# Behavior: a Geometry Nodes modifier whose input is a collection, a material or an object counts as its user. Removing
#   the modifier does not give the user back: the data-block keeps `users` 1 although `user_map` names nobody, and so it
#   stays when the node group is gone, too. Setting the input to None before the modifier is removed gives it back.
# Output seen:
#   collection: 1 with the modifier, 1 without it, named by 0 users; 0 after the input was cleared first
#   material: 1 with the modifier, 1 without it, named by 0 users; 0 after the input was cleared first
#   object: 1 with the modifier, 1 without it, named by 0 users; 0 after the input was cleared first
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import bpy


def nodes_with_input(kind):
    """A node group that passes its geometry on, and the identifier of a further input."""
    tree = bpy.data.node_groups.new("Nodes", "GeometryNodeTree")
    for in_out in ("OUTPUT", "INPUT"):
        tree.interface.new_socket("Geometry", in_out=in_out, socket_type="NodeSocketGeometry")
    socket = tree.interface.new_socket("Value", in_out="INPUT", socket_type=kind)
    tree.links.new(tree.nodes.new("NodeGroupInput").outputs[0], tree.nodes.new("NodeGroupOutput").inputs[0])
    return tree, socket.identifier


def users_of(kind, make, is_cleared):
    """Users of a new data-block with a modifier that has it as input, and once the modifier is removed."""
    tree, identifier = nodes_with_input(kind)
    item, target = make("Value"), bpy.data.objects.new("Target", bpy.data.meshes.new("Target"))
    bpy.context.scene.collection.objects.link(target)
    modifier = target.modifiers.new("Nodes", "NODES")
    modifier.node_group = tree
    getattr(modifier.properties.inputs, identifier).value = item
    users = item.users
    if is_cleared:
        getattr(modifier.properties.inputs, identifier).value = None
    target.modifiers.remove(modifier)
    bpy.data.node_groups.remove(tree)
    bpy.context.view_layer.update()
    return users, item.users, len(bpy.data.user_map(subset=[item])[item])


bpy.ops.wm.read_factory_settings(use_empty=True)
print("bpy", bpy.app.version_string)
print("A removed Geometry Nodes modifier stays a user of its inputs:")
kinds = {
    "collection": ("NodeSocketCollection", bpy.data.collections.new),
    "material": ("NodeSocketMaterial", bpy.data.materials.new),
    "object": ("NodeSocketObject", lambda name: bpy.data.objects.new(name, None)),
}
for name, (kind, make) in kinds.items():
    before, after, named = users_of(kind, make, is_cleared=False)
    cleared = users_of(kind, make, is_cleared=True)
    print(
        f"{name}: {before} with the modifier, {after} without it, named by {named} users; "
        f"{cleared[1]} after the input was cleared first"
    )
    assert (before, after, named) == (1, 1, 0), "the removed modifier is no user any more"
    assert cleared == (1, 0, 0), "clearing the input does not help"
PY
