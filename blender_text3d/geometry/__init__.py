# SPDX-License-Identifier: GPL-3.0-or-later
"""Values that both processes hold: point clouds, meshes, views and their .npz files.

Model space: right-handed, Z up, the object's front towards -Y, roughly inside [-1, 1]^3. Colours are sRGB in [0, 1].
Axis letters: N points, V vertices, F faces.
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
