# SPDX-License-Identifier: GPL-3.0-or-later
"""The models that a request can name, and the sampling of each quality.

The order is stored in .blend files: new models go to the end.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

OUTPUTS = ("mesh", "cloud", "both")
VIEW = "view"
"""The output of a three-step model that ends with the views, from which one can be chosen as image."""
STEPS = "steps"
"""The output of a job that decodes every step of another one's steps.npz, and makes no object."""
IMAGE_MODELS = ("mini/glide", "glide", "diffusers")
"""Text-to-image models that make the view of a three-step model."""
VIEW_COUNTS = (1, 4, 9)
VIEW_MODES = ("stf", "nerf")
DEFAULT_MODEL = "mini/shap-e"
SMALL, SMALL_THREE_STEP = "mini/", "mini/three-step"
"""Beginning of the names of the small models, which know words; and the one with the small image model."""
DEFAULT_QUALITY = "standard"
MINI_DESCRIPTION = 'Everyday objects with a color and a colored part, such as "a tall red chair with black legs"'
TEXT_DESCRIPTION = 'Everyday objects in plain language, such as "an avocado armchair"'
IMAGE_DESCRIPTION = "An image of one object on a plain background"
OBJECT_DESCRIPTION = "An object of the scene or a file. The result is Shap-E's copy of it"
THREE_STEP_DESCRIPTION = (
    "The prompt becomes an image, and the image becomes the object. An image of your own replaces the first step"
)
REFERENCE_DESCRIPTION = "OpenAI's original code, for comparison. Many times slower, and not installed by Setup"


FEW_STEP_SOLVER = "euler"
"""The solver for fewer than `FEW_STEPS` steps, of models that have it: it steps over fewer, chosen noise levels."""
FEW_STEPS = 8
MINI_ENCODED_SIDE, ENCODED_SIDE = 1.8, 2.0
REUSED_EVERY = 2
"""`Sampling.guidance_every` of the quick qualities of OpenAI's models."""
DISTILLED_SOLVER = "distilled"
"""The solver of models that ship distilled weights: a few steps at fixed noise levels, with guidance built in."""
DRAFT_STEPS = 2
"""Of drafts by distilled weights, which have weights of their own for it."""


class Sampling(NamedTuple):
    """Sampling settings of a quality.

    Attributes:
        steps: Denoising steps.
        guidance: Classifier-free guidance scale; 1 disables it.
        grid: Grid points per side for extracting the mesh.
        guidance_every: Guidance is evaluated at every n-th step of the first half and reused at those between.
    """

    steps: int
    guidance: float
    grid: int
    guidance_every: int = 1


class ModelInfo(NamedTuple):
    """Description of a model, available without loading it.

    Attributes:
        name: Name in requests.
        label: Name in the interface.
        inputs: Inputs that it accepts, of "text" and "image"; an unconditional model accepts none.
        outputs: Outputs that it can generate, of OUTPUTS and VIEW.
        qualities: Sampling by quality.
        description: What it understands, in a sentence.
        typical_s: Seconds for a mesh of standard quality on two CPU cores, without loading.
        solvers: Solvers that a request may name; "" leaves the choice to the quality.
        undistilled: Sampling of the qualities that use distilled weights, where the number of steps or the guidance is
            chosen instead; distilled weights have no choice of either.
        has_latent: True if it stores a latent that can be decoded again and rendered.
        has_variations: True if its noise can be blended with that of another seed.
        encoded_side: Longest side of an encoded object in model space; 0 if the model does not encode objects.
        image_model: Its own of IMAGE_MODELS, for a model that makes a view of the prompt first; else "".
    """

    name: str
    label: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    qualities: Mapping[str, Sampling]
    description: str
    typical_s: float
    solvers: tuple[str, ...] = ("",)
    undistilled: Mapping[str, Sampling] = MappingProxyType({})
    has_latent: bool = False
    has_variations: bool = True
    encoded_side: float = 0.0
    image_model: str = ""

    @property
    def has_steps(self) -> bool:
        """True if the estimates of its denoising steps can be kept."""
        return self.name != OBJECT_MODEL and not self.name.startswith("reference/")

    @property
    def has_encoder(self) -> bool:
        """True if it makes a latent of an object."""
        return self.encoded_side > 0

    @property
    def varies_objects(self) -> bool:
        """True if it makes other objects of an object's latent."""
        return self.has_encoder and bool(self.inputs)


def mini(name: str, label: str, draft: Sampling, standard: Sampling) -> ModelInfo:
    """Return one of the models that come with the add-on."""
    qualities = {"draft": draft, "standard": standard, "exact": standard._replace(steps=64)}
    inputs, sampling = ("text", "image"), MappingProxyType(qualities)
    return ModelInfo(name, label, inputs, OUTPUTS, sampling, MINI_DESCRIPTION, typical_s=3.0)


def distilled_mini(name: str, label: str, draft: Sampling, standard: Sampling) -> ModelInfo:
    """Return a small model whose quick qualities use distilled weights: two or four evaluations, without guidance.

    Args:
        name, label: of the model.
        draft, standard: sampling where the number of steps or the guidance is chosen instead.
    """
    undistilled = mini(name, label, draft, standard)
    distilled = {"draft": Sampling(DRAFT_STEPS, 1.0, draft.grid), "standard": Sampling(4, 1.0, standard.grid)}
    return undistilled._replace(
        qualities=MappingProxyType({**distilled, "exact": undistilled.qualities["exact"]}),
        undistilled=MappingProxyType({"draft": draft, "standard": standard}),
        solvers=("", DISTILLED_SOLVER),
    )


def mini_shap_e() -> ModelInfo:
    """Return the small Shap-E."""
    distilled = distilled_mini("mini/shap-e", "Mini Shap-E", Sampling(5, 1.75, 64), Sampling(20, 2.5, 128))
    return distilled._replace(
        solvers=("", FEW_STEP_SOLVER, DISTILLED_SOLVER), has_latent=True, encoded_side=MINI_ENCODED_SIDE
    )


def point_e(checkpoint: str, label: str, inputs: tuple[str, ...], description: str, typical_s: float) -> ModelInfo:
    """Return one of OpenAI's Point-E models, whose weights are downloaded on request."""
    qualities = {
        "draft": Sampling(16, 3.0, 32, REUSED_EVERY),
        "standard": Sampling(25, 3.0, 128, REUSED_EVERY),
        "exact": Sampling(64, 3.0, 32),
    }
    return ModelInfo(
        f"point-e/{checkpoint}", label, inputs, OUTPUTS, MappingProxyType(qualities), description, typical_s
    )


def shap_e(checkpoint: str, label: str, inputs: tuple[str, ...], description: str, guidance: float) -> ModelInfo:
    """Return one of OpenAI's Shap-E models, whose weights are downloaded on request."""
    draft, standard = (Sampling(steps, guidance, 128, REUSED_EVERY) for steps in (10, 16))
    qualities = MappingProxyType({"draft": draft, "standard": standard, "exact": Sampling(64, guidance, 128)})
    return ModelInfo(
        f"shap-e/{checkpoint}", label, inputs, OUTPUTS, qualities, description, 170.0, has_latent=True
    )._replace(encoded_side=ENCODED_SIDE)


def reference(
    name: str,
    label: str,
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    guidance: float,
    grid: int,
    typical_s: float,
) -> ModelInfo:
    """Return one of OpenAI's own pipelines, which has one solver for every quality.

    It is always listed, because the worker's packages are unknown here; if its package is missing, the job says how to
    install it.
    """
    steps = {"draft": 16, "standard": 25, "exact": 64}
    qualities = MappingProxyType({quality: Sampling(count, guidance, grid) for quality, count in steps.items()})
    name, description = f"reference/{name}", REFERENCE_DESCRIPTION
    return ModelInfo(name, label, inputs, outputs, qualities, description, typical_s, has_variations=False)


MINI = (
    mini_shap_e(),
    distilled_mini("mini/point-e", "Mini Point-E", Sampling(10, 1.5, 64), Sampling(16, 1.5, 128)),
)
OFFICIAL = (
    shap_e("text300M", "Shap-E", ("text",), TEXT_DESCRIPTION, guidance=15.0),
    point_e("base40M-textvec", "Point-E", ("text",), TEXT_DESCRIPTION, typical_s=255.0),
    shap_e("image300M", "Shap-E (Image)", ("image",), IMAGE_DESCRIPTION, guidance=3.0),
    point_e("base40M", "Point-E (Image)", ("image",), IMAGE_DESCRIPTION, typical_s=415.0),
    point_e("base300M", "Point-E 300M (Image)", ("image",), IMAGE_DESCRIPTION, typical_s=790.0),
    point_e("base1B", "Point-E 1B (Image)", ("image",), IMAGE_DESCRIPTION, typical_s=1760.0),
    point_e("base40M-imagevec", "Point-E (Image, Fast)", ("image",), IMAGE_DESCRIPTION, typical_s=255.0),
    point_e(
        "base40M-uncond",
        "Point-E (Unconditional)",
        (),
        "No prompt. Each seed gives a different object",
        typical_s=240.0,
    ),
)
REFERENCE = (
    reference("shap-e-text", "Shap-E (Reference)", ("text",), ("mesh",), 15.0, 128, 900.0),
    reference("point-e-text", "Point-E (Reference)", ("text",), OUTPUTS, 3.0, 32, 1000.0),
    reference("shap-e-image", "Shap-E (Image, Reference)", ("image",), ("mesh",), 3.0, 128, 1000.0),
    reference("point-e-image", "Point-E (Image, Reference)", ("image",), OUTPUTS, 3.0, 32, 1900.0),
)
OBJECT = shap_e("encoder", "Shap-E (Object)", (), OBJECT_DESCRIPTION, guidance=1.0)._replace(
    typical_s=90.0, has_variations=False
)
OBJECT_MODEL = OBJECT.name


def three_step(model: ModelInfo, name: str, label: str, image_model: str, typical_s: float) -> ModelInfo:
    """Return a model that makes a view of the prompt, and of that an object as another model does of an image."""
    return model._replace(
        name=name,
        label=label,
        inputs=("text", "image"),
        outputs=(*OUTPUTS, VIEW),
        description=THREE_STEP_DESCRIPTION,
        typical_s=typical_s,
        encoded_side=0.0,
        image_model=image_model,
    )


THREE_STEP = (
    three_step(MINI[0], "mini/three-step", "Mini Three-Step", "mini/glide", typical_s=5.0),
    three_step(OFFICIAL[3], "point-e/three-step", "Point-E (Three-Step)", "glide", typical_s=625.0),
    three_step(OFFICIAL[2], "shap-e/three-step", "Shap-E (Three-Step)", "glide", typical_s=380.0),
)
MODELS: Mapping[str, ModelInfo] = MappingProxyType(
    {model.name: model for model in (*MINI, *OFFICIAL, *REFERENCE, OBJECT, *THREE_STEP)}
)
NEED_WEIGHTS = frozenset(model.name for model in (*OFFICIAL, OBJECT, *THREE_STEP) if not model.name.startswith("mini/"))


def reading_model(name: str, image_model: str = "") -> str:
    """Return the small model with whose words a prompt is read, or "" if it is read as free text.

    Args:
        name: Name of the model that makes the object.
        image_model: The image model of a three-step model, which reads the prompt in its place; "" for its own.
    """
    own = MODELS[name].image_model if name in MODELS else ""
    if own:
        return SMALL_THREE_STEP if (image_model or own) == MODELS[SMALL_THREE_STEP].image_model else ""
    return name if name.startswith(SMALL) else ""


"""Models whose weights are downloaded on request."""


def family(model: str) -> str:
    """Return the family of a model, small, official or reference: "Shap-E" or "Point-E"."""
    return "Point-E" if "point-e" in model else "Shap-E"
