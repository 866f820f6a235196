# SPDX-License-Identifier: GPL-3.0-or-later
"""Print hashes and facts of the objects in a .blend file as one line of JSON.

BPY_PYTHON scripts/testing/golden_blend.py FILE.blend
"""

import hashlib
import json
import sys
from typing import Any

import bpy
import numpy as np

FIELDS = {
    "FLOAT_VECTOR": ("vector", 3),
    "FLOAT": ("value", 1),
    "FLOAT_COLOR": ("color", 4),
    "BYTE_COLOR": ("color", 4),
}
"""Type of an attribute → property with its values, numbers per element."""


def main() -> None:
    """Open the file and print what is in it."""
    bpy.ops.wm.open_mainfile(filepath=sys.argv[1])
    hashes: dict[str, str] = {}
    facts = {item.name: object_facts(item) for item in bpy.data.objects}
    for item in bpy.data.objects:
        hashes |= {f"{item.name} {name}": array_hash(array) for name, array in object_arrays(item).items()}
    print()
    print(json.dumps({"hashes": hashes, "facts": facts}))


def object_facts(item: bpy.types.Object) -> dict[str, Any]:
    """Return names: of properties, collections, modifiers, materials, attributes and keys of the recipe."""
    recipe = item.get("text3d_recipe")
    return {
        "type": item.type,
        "properties": sorted(item.keys()),
        "collections": sorted(collection.name for collection in item.users_collection),
        "modifiers": [[modifier.type, modifier.name] for modifier in item.modifiers],
        "materials": [material.name for material in item.data.materials if material],
        "attributes": sorted(attribute.name for attribute in named_attributes(item)),
        "recipe keys": sorted(json.loads(recipe)) if recipe else None,
        "decimate ratio": [modifier.ratio for modifier in item.modifiers if modifier.type == "DECIMATE"],
    }


def object_arrays(item: bpy.types.Object) -> dict[str, np.ndarray]:
    """Return an object's matrix, vertices, loops and attributes as flat arrays."""
    arrays = {"matrix_basis": np.array(item.matrix_basis, np.float32)}
    if item.type == "MESH":
        arrays["vertices"] = values_of(item.data.vertices, "co", 3, np.float32)
        arrays["loops"] = values_of(item.data.loops, "vertex_index", 1, np.int32)
    for attribute in named_attributes(item):
        if attribute.data_type in FIELDS:
            field, width = FIELDS[attribute.data_type]
            arrays[f"attribute {attribute.name}"] = values_of(attribute.data, field, width, np.float32)
    return arrays


def named_attributes(item: bpy.types.Object) -> list[bpy.types.Attribute]:
    """Return an object's attributes without Blender's internal ones."""
    return [attribute for attribute in item.data.attributes if not attribute.name.startswith(".")]


def values_of(elements: Any, field: str, width: int, dtype: type) -> np.ndarray:
    """Return one property of all elements as a flat array."""
    values = np.empty(len(elements) * width, dtype)
    elements.foreach_get(field, values)
    return values


def array_hash(array: np.ndarray) -> str:
    """Return the SHA-256 of an array's dtype, shape and bytes."""
    array = np.ascontiguousarray(array)
    return hashlib.sha256(str(array.dtype).encode() + str(array.shape).encode() + array.tobytes()).hexdigest()


if __name__ == "__main__":
    main()
