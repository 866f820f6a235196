# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the panel, saved with the scene."""

from typing import Any

import bpy

from ...protocol.models import DEFAULT_MODEL, DEFAULT_QUALITY, MODELS, OBJECT_MODEL, VIEW_COUNTS
from ...protocol.request import DEFAULTS, MAX_RESULTS, ROTATIONS_DEG, SEEDS, SETTINGS
from ...protocol.validation import Choice, Flag, FloatRange, IntRange
from . import face_budget
from .into import INTO_ITEMS, INTO_TEXTS, NEW
from .material_words import ITEMS as MATERIAL_WORDS_ITEMS

INPUT_ITEMS = (
    ("text", "Text", "Generate from the prompt", 0),
    ("image", "Image", "Generate from an image of the object", 1),
)
OUTPUT_ITEMS = (
    ("mesh", "Mesh", "A colored mesh", "MESH_DATA", 0),
    ("cloud", "Point Cloud", "A colored point cloud", "OUTLINER_DATA_POINTCLOUD", 1),
    ("both", "Mesh + Points", "A mesh with its point cloud behind it", "DUPLICATE", 2),
)
OUTPUT_LABELS = {name: label for name, label, *_ in OUTPUT_ITEMS}
QUALITIES = {
    "draft": ("Draft", "Coarse and fast"),
    "standard": ("Standard", "Balanced speed and detail"),
    "exact": ("High", "All the sampling steps the model was designed for. Slowest"),
}
"""Label and description by quality name; a name that is missing here is its own label."""
IMAGE_MODEL_ITEMS = (
    ("own", "Model's Own", "The image model that belongs to the model"),
    ("mini/glide", "Mini GLIDE", "The small image model that comes with the add-on"),
    ("glide", "GLIDE", "OpenAI's GLIDE, the image model of Point-E"),
    ("diffusers", "Diffusers", "A text-to-image pipeline of your own"),
)
DEFAULT_SAMPLING = MODELS[DEFAULT_MODEL].undistilled[DEFAULT_QUALITY]
DEVICE_ITEMS = (
    ("auto", "Automatic", "Use a supported GPU if there is one, otherwise the CPU"),
    ("cpu", "CPU", "Runs on every machine"),
    ("cuda", "NVIDIA GPU (CUDA)", "An NVIDIA GPU, or an AMD GPU through ROCm"),
    ("mps", "Apple GPU (MPS)", "The GPU of Apple silicon"),
)
TURN_ITEMS = [(str(turn), f"{turn}°" if turn else "None", "") for turn in ROTATIONS_DEG]


def model_items() -> list[tuple[str, str, str]]:
    """Return one enum item per model, without the one that needs an object, for which the panel has no input."""
    return [(model.name, model.label, model.description) for model in MODELS.values() if model.name != OBJECT_MODEL]


def quality_items() -> list[tuple[str, str, str]]:
    """Return one enum item per quality of any model, in the order of the models' own lists."""
    names = dict.fromkeys(name for model in MODELS.values() for name in model.qualities)
    return [(name, quality_label(name), QUALITIES.get(name, ("", ""))[1]) for name in names]


def quality_label(name: str) -> str:
    """Return the name of a quality as the panel shows it."""
    return QUALITIES[name][0] if name in QUALITIES else name.capitalize()


def model_label(name: str) -> str:
    """Return the name of a model as the panel shows it; an unknown model is its own label."""
    return MODELS[name].label if name in MODELS else name


def setting_property(name: str) -> Any:
    """Return the panel's property for a setting of a request, from its description.

    Raises:
        TypeError: The setting's values have no property here.
    """
    setting, default = SETTINGS[name], DEFAULTS[name]
    texts = {"name": setting.label, "description": setting.description, **setting.ui}
    if isinstance(setting.allowed, Choice):
        items = [(str(value), str(value), "") for value in setting.allowed.values]
        return bpy.props.EnumProperty(**{"items": items, "default": str(default), **texts})
    if isinstance(setting.allowed, Flag):
        return bpy.props.BoolProperty(default=default, **texts)
    if isinstance(setting.allowed, IntRange):
        return bpy.props.IntProperty(default=default, min=setting.allowed.min, max=setting.allowed.max, **texts)
    if isinstance(setting.allowed, FloatRange):
        return bpy.props.FloatProperty(default=default, min=setting.allowed.min, max=setting.allowed.max, **texts)
    raise TypeError(f"no property for the setting {name}")


def panel_value(settings: "TEXT3D_Settings", name: str) -> Any:
    """Return the value of a request's setting in the panel."""
    if name == "face_budget":
        return face_budget.budget_of(settings)
    value = getattr(settings, SETTINGS[name].property)
    if isinstance(value, float):
        return round(value, 6)  # Blender stores 32 bits: 0.1 becomes 0.10000000149
    return int(value) if isinstance(value, str) and isinstance(DEFAULTS[name], int) else value


def set_panel_value(settings: "TEXT3D_Settings", name: str, value: Any) -> None:
    """Set the panel's property of a request's setting."""
    if name == "face_budget":
        return face_budget.put_budget(settings, value)
    is_number_in_enum = isinstance(SETTINGS[name].allowed, Choice) and isinstance(DEFAULTS[name], int)
    setattr(settings, SETTINGS[name].property, str(value) if is_number_in_enum else value)


class TEXT3D_Settings(bpy.types.PropertyGroup):
    """Settings of the panel: scene.text3d."""

    prompt: bpy.props.StringProperty(
        name="Prompt",
        description="Describe the object in a few English words",
        default="a red chair",
        options={"TEXTEDIT_UPDATE"},
    )
    image: bpy.props.StringProperty(
        name="Image",
        description="Image to generate the object from. A plain background works best",
        subtype="FILE_PATH",
    )
    input: bpy.props.EnumProperty(
        name="Input", description="The last choice of the input switch", items=INPUT_ITEMS, options={"HIDDEN"}
    )
    input_image: bpy.props.StringProperty(
        name="Image of the Input", description="The image at the last choice of the input switch", options={"HIDDEN"}
    )
    model: bpy.props.EnumProperty(
        name="Model", description="Model that generates the object", items=model_items(), default=DEFAULT_MODEL
    )
    image_model: bpy.props.EnumProperty(
        name="Image Model", description="Model that makes the view of the prompt", items=IMAGE_MODEL_ITEMS
    )
    pipeline: bpy.props.StringProperty(
        name="Source",
        description="Folder of a saved Diffusers pipeline, or its name on the Hugging Face hub, owner/name",
        subtype="DIR_PATH",
    )
    candidates: bpy.props.EnumProperty(
        name="Candidates",
        description="Number of views to make. The best one becomes the object, unless you pick one",
        items=[(str(count), str(count), "") for count in VIEW_COUNTS],
    )
    views_job: bpy.props.StringProperty(
        name="Job of the Views", description="The job whose views can be picked", options={"HIDDEN"}
    )
    negative_prompt: bpy.props.StringProperty(
        name="Negative Prompt", description="What the view should not show. Not every image model uses it"
    )
    image_size: bpy.props.IntProperty(
        name="Image Size",
        description="Side of the view in pixels, a multiple of 64. 0: the size that the pipeline was made for",
        default=0, min=0, max=2048, step=64,
    )  # fmt: skip
    quality: bpy.props.EnumProperty(
        name="Quality",
        description="Preset for sampling steps, guidance and resolution",
        items=quality_items(),
        default=DEFAULT_QUALITY,
    )
    outputs: bpy.props.EnumProperty(
        name="Output", description="Kind of object to create", items=OUTPUT_ITEMS, default="mesh"
    )
    size_m: bpy.props.FloatProperty(
        name="Size in Meters", description="Length of the longest side, in meters",
        default=1.0, min=0.001, max=1000.0, soft_min=0.01, soft_max=10.0, precision=3,
    )  # fmt: skip
    has_real_size: bpy.props.BoolProperty(
        name="Real Size",
        description="Give new objects the size of a real one if the prompt names a known kind, such as 0.1 m for a mug "
        "and 8 m for a house. Otherwise the size that is set",
    )
    count: bpy.props.IntProperty(
        name="Variations", description="Number of objects to generate, each with the next seed, placed in a row",
        default=1, min=1, max=MAX_RESULTS, soft_max=10,
    )  # fmt: skip
    seed: bpy.props.IntProperty(
        name="Seed", description="Random seed. The same seed gives the same object",
        default=0, min=0, max=SEEDS - 1,
    )  # fmt: skip
    has_random_seed: bpy.props.BoolProperty(
        name="Random Seed", description="Use a new random seed for each object", default=True
    )
    has_own_sampling: bpy.props.BoolProperty(
        name="Custom Sampling", description="Set steps, guidance and resolution instead of using the quality preset"
    )
    steps: bpy.props.IntProperty(
        name="Steps",
        description="Number of denoising steps. More steps take longer, and the result is not always better",
        default=DEFAULT_SAMPLING.steps, min=1, max=1000, soft_max=100,
    )  # fmt: skip
    guidance: bpy.props.FloatProperty(
        name="Guidance", description="How closely to follow the prompt. High values make the shape coarser",
        default=DEFAULT_SAMPLING.guidance, min=0.0, max=100.0, soft_max=20.0,
    )  # fmt: skip
    grid: bpy.props.IntProperty(
        name="Resolution",
        description="Samples along each side of the cube the surface is extracted from. Higher values are slower",
        default=DEFAULT_SAMPLING.grid, min=8, max=512,
    )  # fmt: skip
    face_budget: bpy.props.EnumProperty(items=face_budget.ITEMS, default=face_budget.AUTO, **face_budget.TEXTS)
    face_count: bpy.props.IntProperty(**face_budget.COUNT)
    turn: bpy.props.EnumProperty(
        name="Rotation Offset",
        description="Rotation around Z for models whose objects face the wrong way, counterclockwise seen from above",
        items=TURN_ITEMS,
    )
    device: bpy.props.EnumProperty(
        name="Device", description="Device to generate objects on", items=DEVICE_ITEMS, default="auto"
    )
    earlier_variations: bpy.props.StringProperty(
        name="Earlier Variations", description="Variations before that one, as seed:strength. Empty: none"
    )
    into: bpy.props.EnumProperty(items=INTO_ITEMS, default=NEW, **INTO_TEXTS)
    material_words: bpy.props.EnumProperty(
        name="Material Words", description="Whether words such as golden set the material", items=MATERIAL_WORDS_ITEMS
    )
    has_live_view: bpy.props.BoolProperty(
        name="Live View", description="Watch every step in the Rerun viewer while the object forms"
    )
    live_view_address: bpy.props.StringProperty(
        name="Live View Address",
        description="Address of a running Rerun viewer, rerun+http://host:port/proxy. Empty: a viewer is opened",
    )


ADVANCED_PROPERTIES = {setting.property: name for name, setting in SETTINGS.items() if setting.label}
"""The panel's properties that are made from descriptions of settings, with the setting's name."""
TEXT3D_Settings.__annotations__ |= {name: setting_property(setting) for name, setting in ADVANCED_PROPERTIES.items()}
