# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user chose in the panel; saved with the scene."""

import bpy

from ...protocol.models import DEFAULT_MODEL, DEFAULT_QUALITY, MODELS
from ...protocol.request import MAX_FACES, MAX_RESULTS, SEEDS, TURNS_DEG

OUTPUT_ITEMS = (
    ("mesh", "Mesh", "One coloured mesh", "MESH_DATA", 0),
    ("cloud", "Points", "One coloured point cloud", "OUTLINER_DATA_POINTCLOUD", 1),
    ("both", "Both", "A mesh, and the point cloud behind it", "DUPLICATE", 2),
)
QUALITY_TEXTS = {
    "draft": "A coarse object, quickest",
    "standard": "The usual balance",
    "exact": "As many steps as the model was made for, slowest",
}
USUAL = MODELS[DEFAULT_MODEL].qualities[DEFAULT_QUALITY]
DEVICE_ITEMS = (
    ("auto", "Automatic", "The graphics card where there is a suitable one, else the processor"),
    ("cpu", "Processor", "Runs everywhere"),
    ("cuda", "NVIDIA", "An NVIDIA graphics card (or AMD with ROCm)"),
    ("mps", "Apple", "The graphics part of an Apple chip"),
)
TURN_ITEMS = [(str(turn), f"{turn}°" if turn else "None", "") for turn in TURNS_DEG]


def model_items() -> list[tuple[str, str, str]]:
    """One entry per model."""
    return [(model.name, model.label, model.words) for model in MODELS.values()]


def quality_items() -> list[tuple[str, str, str]]:
    """Every quality that some model has, in the order in which the models list them."""
    names = dict.fromkeys(name for model in MODELS.values() for name in model.qualities)
    return [(name, name.capitalize(), QUALITY_TEXTS.get(name, "")) for name in names]


class TEXT3D_Settings(bpy.types.PropertyGroup):
    """The panel's choices: scene.text3d."""

    prompt: bpy.props.StringProperty(
        name="Prompt", description="What to make, in a few English words", default="a red chair"
    )
    image: bpy.props.StringProperty(
        name="Image", description="Picture to make the object of; an empty background is best", subtype="FILE_PATH"
    )
    model: bpy.props.EnumProperty(name="Model", items=model_items(), default=DEFAULT_MODEL)
    quality: bpy.props.EnumProperty(name="Quality", items=quality_items(), default=DEFAULT_QUALITY)
    outputs: bpy.props.EnumProperty(name="Result", items=OUTPUT_ITEMS, default="mesh")
    size_m: bpy.props.FloatProperty(
        name="Size (m)", description="Longest side of each object, in metres",
        default=1.0, min=0.001, max=1000.0, soft_min=0.01, soft_max=10.0, precision=3,
    )  # fmt: skip
    count: bpy.props.IntProperty(
        name="Results", description="How many objects, each from the next seed, side by side",
        default=1, min=1, max=MAX_RESULTS, soft_max=10,
    )  # fmt: skip
    seed: bpy.props.IntProperty(
        name="Seed", description="Where the noise comes from: same seed, same object",
        default=0, min=0, max=SEEDS - 1,
    )  # fmt: skip
    has_random_seed: bpy.props.BoolProperty(
        name="Random Seed", description="Take a new seed each time; the one that was used is shown", default=True
    )
    has_own_sampling: bpy.props.BoolProperty(
        name="Own Sampling", description="Set steps, guidance and grid by hand instead of by the quality"
    )
    steps: bpy.props.IntProperty(
        name="Steps", description="Denoising steps: more take longer and change the object, not always for the better",
        default=USUAL.steps, min=1, max=1000, soft_max=100,
    )  # fmt: skip
    guidance: bpy.props.FloatProperty(
        name="Guidance", description="How strictly to follow the words; high values coarsen the object",
        default=USUAL.guidance, min=0.0, max=100.0, soft_max=20.0,
    )  # fmt: skip
    grid: bpy.props.IntProperty(
        name="Grid", description="Points along one side of the cube that the surface is read from: finer is slower",
        default=USUAL.grid, min=8, max=512,
    )  # fmt: skip
    turn: bpy.props.EnumProperty(
        name="Turn",
        description="About the vertical, counter-clockwise seen from above, where a model's objects face the wrong way",
        items=TURN_ITEMS,
    )
    most_faces: bpy.props.IntProperty(
        name="Most Faces",
        description="0 shows them all; else a Decimate modifier, which you can change or remove, shows that many",
        default=0, min=0, max=MAX_FACES, soft_max=50_000, step=500,
    )  # fmt: skip
    device: bpy.props.EnumProperty(name="Device", items=DEVICE_ITEMS, default="auto")
    has_live_view: bpy.props.BoolProperty(
        name="Live View", description="Watch every step in the Rerun viewer while the object forms"
    )
    live_view_address: bpy.props.StringProperty(
        name="Address", description="Of a running Rerun viewer, rerun+http://host:port/proxy; empty opens one"
    )
