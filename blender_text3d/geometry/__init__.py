# SPDX-License-Identifier: GPL-3.0-or-later
"""Point clouds, meshes, rendered views and their .npz files, as Blender and the worker exchange them.

Model space: right-handed, Z up, the front of the object toward -Y, roughly inside [-1, 1]^3. Colors are sRGB in [0, 1].
Axis letters: N points or cameras, V vertices, F faces, H and W rows and columns of an image.
"""

from .cameras import Cameras
from .mesh import Mesh
from .npz import load_geometry, save_geometry
from .point_cloud import PointCloud
from .views import Views, load_views, save_views

__all__ = [
    "Cameras",
    "Mesh",
    "PointCloud",
    "Views",
    "load_geometry",
    "load_views",
    "save_geometry",
    "save_views",
]
