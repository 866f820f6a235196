#!/usr/bin/env bash
# Version: trimesh 5.2.0
# Behavior: the export of a mesh with vertex colors as 3MF writes none of them, although 3MF has color groups for it,
#   and nothing is raised or logged. PLY, OBJ and GLB of the same mesh keep them. Where a file has colors, the import
#   of 3MF drops them as silently.
# Output seen:
#   .ply: 2 colors, .obj: 2 colors, .glb: 2 colors, .3mf: none
#   color elements in the 3MF: 0
#   a 3MF with a color group: 4 vertices, no colors
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq trimesh==5.2.0 numpy==2.4.6 lxml==6.1.3 networkx==3.6.1
"$temp/venv/bin/python" - <<'PY'
import io
import logging
import zipfile

import numpy as np
import trimesh

logging.basicConfig(level=logging.WARNING)
print("trimesh", trimesh.__version__)
box = trimesh.creation.box()
box.visual.vertex_colors = np.array([[255, 0, 0, 255]] * 4 + [[0, 0, 255, 255]] * 4, np.uint8)


def load(content, suffix):
    return trimesh.load_mesh(io.BytesIO(content), file_type=suffix, process=False)


def colors_of(mesh):
    return len(np.unique(mesh.visual.vertex_colors, axis=0)) if mesh.visual.kind == "vertex" else 0


counts = {}
for suffix in ("ply", "obj", "glb", "3mf"):
    content = box.export(file_type=suffix)
    read = load(content if isinstance(content, bytes) else content.encode(), suffix)
    assert len(read.vertices) == 8 and len(read.faces) == 12, suffix
    counts[suffix] = colors_of(read)
print(", ".join(f".{suffix}: {f'{count} colors' if count else 'none'}" for suffix, count in counts.items()))
assert counts == {"ply": 2, "obj": 2, "glb": 2, "3mf": 0}, "other formats keep or lose colors"

with zipfile.ZipFile(io.BytesIO(box.export(file_type="3mf"))) as archive:
    text = "".join(archive.read(name).decode() for name in archive.namelist() if name.endswith(".model"))
written = text.lower().count("<m:color") + text.lower().count("colorgroup") + text.lower().count("displaycolor")
print("color elements in the 3MF:", written)
assert written == 0, "the export writes colors"

# The other way: a valid 3MF of a tetrahedron whose corners have the colors of a group.
# The names are addresses, but nothing is fetched from them.
package = "http:" "//schemas.openxmlformats.org/package"
spec = "http:" "//schemas.microsoft.com/3dmanufacturing"
model = f"""<?xml version="1.0" encoding="UTF-8"?>
<model unit="millimeter" xmlns="{spec}/core/2015/02" xmlns:m="{spec}/material/2015/02"><resources>
<m:colorgroup id="1"><m:color color="#FF0000FF"/><m:color color="#0000FFFF"/></m:colorgroup>
<object id="2" type="model" pid="1" pindex="0"><mesh><vertices>
<vertex x="0" y="0" z="0"/><vertex x="9" y="0" z="0"/><vertex x="0" y="9" z="0"/><vertex x="0" y="0" z="9"/>
</vertices><triangles>
<triangle v1="0" v2="2" v3="1" pid="1" p1="0" p2="0" p3="0"/><triangle v1="0" v2="1" v3="3" pid="1" p1="0" p2="0" p3="1"/>
<triangle v1="1" v2="2" v3="3" pid="1" p1="0" p2="0" p3="1"/><triangle v1="0" v2="3" v3="2" pid="1" p1="0" p2="1" p3="0"/>
</triangles></mesh></object></resources><build><item objectid="2"/></build></model>"""
types = f"""<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="{package}/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>"""
links = f"""<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="{package}/2006/relationships">
<Relationship Id="r" Target="/3D/3dmodel.model" Type="{spec}/2013/01/3dmodel"/></Relationships>"""
file = io.BytesIO()
with zipfile.ZipFile(file, "w") as archive:
    for name, text in (("[Content_Types].xml", types), ("_rels/.rels", links), ("3D/3dmodel.model", model)):
        archive.writestr(name, text)
read = load(file.getvalue(), "3mf")
print(f"a 3MF with a color group: {len(read.vertices)} vertices, {colors_of(read) or 'no'} colors")
assert len(read.vertices) == 4 and colors_of(read) == 0, "the import reads colors"
PY
