#!/usr/bin/env bash
# Version: bpy 5.2.3 (also seen in 5.0.1, not in 4.2.23 and 4.5.15)
# Behavior: import_method of an asset library lists APPEND_REUSE among its items, also as a static item, and assigning it
#   raises TypeError. It was the default of a new library up to 4.5; since 5.0 the default is PACK, which links. Code that
#   checks the list first, or that set the method of 4.x, fails.
# Output seen:
#   items: LINK, APPEND, APPEND_REUSE, PACK
#   default of a new library: PACK
#   accepted: LINK, APPEND, PACK
#   refused: APPEND_REUSE (enum "APPEND_REUSE" not found in ('LINK', 'APPEND', 'PACK'))
# Needs Python 3.13.
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
PYENV_VERSION=3.13 python3.13 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq bpy==5.2.3 numpy==2.5.5
cd "$temp"
HOME=$temp BLENDER_USER_RESOURCES=$temp venv/bin/python - <<'PY'
import bpy

bpy.ops.wm.read_factory_settings(use_empty=True)
library = bpy.context.preferences.filepaths.asset_libraries.new(name="props", directory="/tmp")
default = library.import_method
items = library.bl_rna.properties["import_method"].enum_items.keys()
static = [item.identifier for item in library.bl_rna.properties["import_method"].enum_items_static]
accepted, refused = [], {}
for name in items:
    try:
        library.import_method = name
        accepted.append(library.import_method)
    except TypeError as error:
        refused[name] = str(error).partition("val: ")[2]

print("bpy", bpy.app.version_string)
print("An import method that is listed is refused:")
print("items:", ", ".join(items))
print("default of a new library:", default)
print("accepted:", ", ".join(accepted))
print("refused:", ", ".join(f"{name} ({why})" for name, why in refused.items()))
assert items == static == ["LINK", "APPEND", "APPEND_REUSE", "PACK"], "another list"
assert default == "PACK", "another default"
assert accepted == ["LINK", "APPEND", "PACK"], "another outcome"
assert list(refused) == ["APPEND_REUSE"], "another outcome"
PY
