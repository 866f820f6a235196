# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the inputs of a request against its model."""

from .errors import BadRequest
from .models import IMAGE_MODELS, OBJECT_MODEL, STEPS, VIEW, ModelInfo
from .validation import check_choice, clean_prompt


def check_inputs(
    model: ModelInfo, *, image: str, latent: str, views: int, object_file: str = "", vary: float = 0.0, step: int = 0
) -> None:
    """Check that the model accepts the inputs and has those that it needs.

    Raises:
        BadRequest: It does not.
    """
    if image and "image" not in model.inputs:
        raise BadRequest(f"{model.label} does not accept images. Remove the image, or choose a model that accepts one.")
    is_copy = bool(object_file) and not vary
    if model.inputs == ("image",) and not image and not latent and not is_copy:
        raise BadRequest(f"{model.label} needs an image. Choose an image file.")
    if object_file and not model.has_encoder:
        raise BadRequest(f"{model.label} does not encode objects. Use Mini Shap-E or Shap-E (Object).")
    if is_copy and image:
        raise BadRequest("A copy of an object takes no image. Remove the image, or vary the object.")
    if vary and not object_file and not latent:
        raise BadRequest("There is no object to vary. Choose an object file.")
    if vary and not model.varies_objects:
        raise BadRequest(f"{model.label} does not vary objects. Use Mini Shap-E or Shap-E.")
    if model.name == OBJECT_MODEL and not object_file and not latent:
        raise BadRequest(f"{model.label} needs an object. Choose an object file.")
    has_saved = model.has_latent or (bool(step) and model.has_steps)
    if (latent and not has_saved) or (views and not model.has_latent):
        raise BadRequest(f"{model.label} has no latent to decode again or to render views from. Use Shap-E.")


def check_blend(model: ModelInfo, *, prompt: str, strength: float, has_file: bool) -> None:
    """Check the prompt that is blended in.

    Args:
        model: The model of the request.
        prompt, strength: The prompt to blend in and its share.
        has_file: True if an image or an object is given, too.

    Raises:
        BadRequest: It is missing or not one line, the model takes no prompt, or something else decides the object.
    """
    if not prompt:
        if strength:
            raise BadRequest("There is no prompt to blend in. Give one, or set its share to 0.")
        return
    if prompt != clean_prompt(prompt):
        raise BadRequest("The prompt to blend in is not one line of text. Write it on one line.")
    if "text" not in model.inputs or model.image_model or not model.has_variations:
        raise BadRequest(f"{model.label} does not blend prompts. Choose Shap-E or Point-E with text, or a Mini model.")
    if has_file:
        raise BadRequest("Only objects of prompts can be blended, not those of an image or of another object.")


def check_view_model(model: ModelInfo, *, image_model: str, source: str, negative_prompt: str, size: int) -> None:
    """Check the settings of the text-to-image model of a three-step model.

    Args:
        model: The model of the request.
        image_model: Its text-to-image model; "" for the model's own.
        source: Folder or hub name of a diffusers pipeline, or "".
        negative_prompt: Text that the view should not show, or "".
        size: Side of the view in pixels; 0 for the image model's own.

    Raises:
        BadRequest: The image model does not take these settings.
    """
    if image_model:
        check_choice("image model", image_model, IMAGE_MODELS)
    name = image_model or model.image_model
    if bool(source) != (name == "diffusers"):
        raise BadRequest("The image model diffusers, and no other, needs a folder or a hub name. Give both or neither.")
    if negative_prompt and name != "diffusers":
        raise BadRequest(f"The image model {name} takes no negative prompt. Leave it out, or choose diffusers.")
    if negative_prompt and negative_prompt != clean_prompt(negative_prompt):
        raise BadRequest("The negative prompt is not one line of text. Write it on one line.")
    if size and (name != "diffusers" or size % 64):
        raise BadRequest("The size of the view is for diffusers pipelines, a multiple of 64 pixels. Choose another.")


def check_outputs(model: ModelInfo, outputs: str, *, has_input: bool) -> None:
    """Check that a model has an output, and that nothing is given that an output of views alone does not use.

    Args:
        model: The model of the request.
        outputs: The output of the request.
        has_input: True if an image, a latent or views to render are given.

    Raises:
        BadRequest: It has not, or something is.
    """
    if outputs == VIEW and not model.image_model:
        raise BadRequest(f"{model.label} makes no view of the prompt. Choose a three-step model.")
    if outputs != STEPS:
        check_choice("output", outputs, model.outputs)
    if outputs == VIEW and has_input:
        raise BadRequest("The output view ends before an object is made, and needs no image. Choose another output.")
