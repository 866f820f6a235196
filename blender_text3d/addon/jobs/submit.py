# SPDX-License-Identifier: GPL-3.0-or-later
"""Panel settings → requests → queued jobs."""

import os
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any, cast

import bpy

from ...client.session import Session
from ...protocol.comparison import comparison_notice, comparison_requests
from ...protocol.errors import BadRequest, InvalidJob
from ...protocol.face_budget import FULL
from ...protocol.failures import Reason
from ...protocol.job_folder import LATENT_NAME
from ...protocol.job_recipe import is_copy
from ...protocol.models import OUTPUTS
from ...protocol.request import SETTINGS, VIEWER, Request, make_requests
from ...protocol.stored_names import from_stored
from ...protocol.validation import CONTROL_CATEGORIES, MAX_PROMPT_LENGTH, truncated_repr
from ...system.untrusted_files import is_plain_name
from ...system.user_folders import HOME_VARIABLE
from ..settings.choices import Choices, choices
from ..settings.conflicts import conflicts
from ..settings.input_kind import IMAGE, accepted_inputs, input_kind
from ..settings.into import REPLACE
from ..settings.properties import TEXT3D_Settings, panel_value
from ..settings.remote_paths import is_local_absolute, is_remote_path, is_remote_viewer
from ..settings.size import wanted_size_m
from ..settings.view_settings import DIFFUSERS, pipeline, view_kwargs
from ..state.active_job import ActiveJob, ImportTarget
from ..state.problem import Problem, SubmitError, environment_problem, problem_of_error
from ..state.prompt_history import remember
from ..state.session_state import has_running_worker, state
from ..state.variation import SAMPLED_ANEW
from ..state.word_swap import swapped_prompts
from . import poll_timer
from .free_location import columns_of, first_free_slot, occluder_name, rows_of, slot_location
from .previews import warm_up
from .replacement import active_generated, check_outputs, kind_to_replace, target_of_object
from .selection import follow_selection

SAMPLING = ("steps", "guidance", "grid")
NOT_VARIED = {"variation_strength": 0.0, "earlier_variations": ""}
"""Settings of an object whose noise is that of its seed alone, as a random seed's is."""
CHANGES_OF_SHAPE = {"prompt", "seed", "variation_seed", "blend_prompt", "latent", "step"}
"""Settings whose change gives another object, whatever the weights are; for a latent, the worker compares them."""
NOT_FROM_RECIPES = ("device", "viewer", "comparison", "image_model_source", "keep_steps")
"""Settings of this machine; a model to load is not taken from a .blend file, which may be untrusted."""
RECIPE_KEYS = ("prompt", "model", "seed", "quality", "steps", "guidance", "grid", "outputs", "size_m")
OPTIONAL_KEYS = tuple(name for name in SETTINGS if name not in (*RECIPE_KEYS, *NOT_FROM_RECIPES))
"""Keys that recipes of earlier versions may lack."""


def generate(scene: bpy.types.Scene, count: int = 0) -> list[ActiveJob]:
    """Queue what the panel asks for, and write the seed back into it.

    Args:
        scene: The scene with the panel's settings.
        count: Number of objects; 0 for that of the panel.

    Raises:
        SubmitError: No job was queued.
    """
    settings = settings_of(scene)
    into = active_generated() if settings.into == REPLACE else None
    with submit_errors(settings):
        requests = make_requests(**request_kwargs(settings) | ({"count": count} if count else {}))
    if into:
        check_outputs(into, requests[0].outputs)
    settings.seed = requests[0].seed
    jobs = submit(requests, scene, into=into)
    if requests[0].candidates > 1:
        settings.views_job = jobs[0].folder.job_id
    if not requests[0].image:
        remember(choices().jobs_dir.parent, requests[0].prompt)
    return jobs


def generate_from_images(scene: bpy.types.Scene, paths: list[Path]) -> list[ActiveJob]:
    """Queue an object for each image with the panel's other settings, named after its file.

    Raises:
        SubmitError: No job was queued.
    """
    settings = settings_of(scene)
    shared = shared_kwargs(settings) | {"count": 1}
    with submit_errors(settings):
        requests = [make_requests(image_name(str(path)), image=str(path), **shared)[0] for path in paths]
    return submit(requests, scene)


def compare(scene: bpy.types.Scene) -> list[ActiveJob]:
    """Queue what the panel asks for with both model families, for objects and recordings side by side.

    Raises:
        SubmitError: No job was queued.
    """
    settings = settings_of(scene)
    values = {name: value for name, value in request_kwargs(settings).items() if name not in ("count", *SAMPLING)}
    with submit_errors():
        requests = comparison_requests(**values)
    settings.seed = requests[0].seed
    jobs = submit(requests, scene)
    if notice := comparison_notice(settings.model):
        state.notice(notice, jobs[0].folder.job_id)
    return jobs


def regenerate(
    recipe: dict[str, Any], scene: bpy.types.Scene, into: bpy.types.Object | None = None, **changes: Any
) -> list[ActiveJob]:
    """Queue the object that a recipe describes.

    Args:
        recipe: The recipe of an object.
        scene: Scene of the new object.
        into: The object to replace, which gets only the kind of geometry that it has; None for a new object.
        changes: Settings that replace those of the recipe.

    Raises:
        SubmitError: The recipe is invalid, or no job could be queued.
    """
    if into and recipe_settings(recipe)["outputs"] in OUTPUTS:
        changes["outputs"] = kind_to_replace(into)
    is_same = not changes.keys() & CHANGES_OF_SHAPE
    requests = requests_of_recipe(recipe, scene, **changes)
    return submit(requests, scene, str(recipe.get("weights_sha256", "")) if is_same else "", into)


def requests_of_recipe(recipe: dict[str, Any], scene: bpy.types.Scene, **changes: Any) -> list[Request]:
    """Return the requests of the object that a recipe describes, with some settings changed.

    Raises:
        SubmitError: The recipe is invalid.
    """
    settings = settings_of(scene)
    values = with_pipeline(recipe_settings(recipe) | changes, settings)
    if not all(is_local_absolute(values.get(name)) for name in ("image", "latent", "object")):
        fix = "Copy the file to this machine, choose it in the panel and press Generate."
        raise SubmitError(Problem("The recipe refers to a file on another machine or to a relative path.", fix))
    with submit_errors():
        kept = panel_value(settings, "keep_steps")
        own = {"device": settings.device, "viewer": viewer_address(settings), "keep_steps": kept}
        return make_requests(**values | own)


def swap_word(recipe: dict[str, Any], scene: bpy.types.Scene, word: str) -> list[ActiveJob]:
    """Queue the object of a recipe with one word of its prompt replaced by each other word of its kind.

    The seed stays, so that the objects differ by that word alone.

    Raises:
        SubmitError: The word has no others of its kind, the recipe is invalid, or no job could be queued.
    """
    values, settings = recipe_settings(recipe), settings_of(scene)
    has_words = not (values.get("image") or values.get("blend_prompt") or is_copy(values))
    prompts = swapped_prompts(str(values["prompt"]), word) if has_words else []
    if not prompts:
        raise SubmitError(Problem(f"{truncated_repr(word)} cannot be swapped.", "Choose a word of the prompt."))
    shared = {
        **with_pipeline(values | SAMPLED_ANEW, settings),
        "device": settings.device,
        "viewer": viewer_address(settings),
    }
    with submit_errors():
        requests = [make_requests(**{**shared, "prompt": prompt})[0] for prompt in prompts]
    return submit(requests, scene)


def recipe_settings(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return the settings that a recipe has.

    Raises:
        SubmitError: A setting is missing that every recipe has.
    """
    missing = [key for key in RECIPE_KEYS if key not in recipe]
    if missing:
        message = f"The recipe of this object has no {', '.join(missing)}. Use Generate instead."
        raise SubmitError(problem_of_error(BadRequest(message)))
    # Recipes of earlier versions have neither, whatever their steps and quality.
    stored = {"solver": "", "face_budget": FULL, **from_stored(recipe)}
    return {key: stored[key] for key in (*RECIPE_KEYS, *OPTIONAL_KEYS) if key in stored}


def refine(
    recipe: dict[str, Any], scene: bpy.types.Scene, grid: int, into: bpy.types.Object | None = None, views: int = 0
) -> list[ActiveJob]:
    """Queue the same object on another grid, decoded from the latent in its job folder without sampling.

    Args:
        recipe: The recipe of an object.
        scene: Scene of the new object.
        grid: Grid points per side.
        into: The object to replace, or None for a new object.
        views: Number of images to render around the object.

    Raises:
        SubmitError: The latent is missing, the recipe is invalid, or no job could be queued.
    """
    job_id: Any = recipe.get("job_id")
    latent = choices().jobs_dir / (job_id if is_plain_name(job_id) else "unknown") / LATENT_NAME
    if not latent.is_file():
        message = f"The latent of this object no longer exists: {latent}."
        raise SubmitError(Problem(message, "Use Regenerate instead.", Reason.LATENT_GONE))
    steps = existing_file(recipe.get("latent")) if recipe.get("step") else ""  # the step stays in the recipe
    own = {"latent": steps} if steps else {"latent": str(latent), "step": 0}
    return regenerate(recipe, scene, into, grid=grid, views=views, **own, **existing_inputs(recipe))


def existing_inputs(recipe: dict[str, Any]) -> dict[str, str]:
    """Return the paths of a recipe's image and object, which sampling again needs, or "" for those that are gone."""
    return {name: existing_file(recipe.get(name)) for name in ("image", "object")}


def existing_file(path: Any) -> str:
    """Return a path from a recipe, or "" if there is no such file on this machine."""
    is_there = isinstance(path, str) and path and is_local_absolute(path) and os.path.isfile(path)
    return str(path) if is_there else ""


def settings_of(scene: bpy.types.Scene) -> TEXT3D_Settings:
    """Return the panel's settings in a scene."""
    return cast(Any, scene).text3d


def request_kwargs(settings: TEXT3D_Settings) -> dict[str, Any]:
    """Return the panel's settings as arguments of `make_requests`."""
    image = image_path(settings) if input_kind(settings) == IMAGE else ""
    view = view_kwargs(settings)
    require_local_pipeline(view.get("image_model_source", ""))
    named = state.views_prompt(image) if image else prompt_or_name(settings)
    prompt = named or image_name(image) if image else named
    own = {"image": image, "prompt": prompt, "size_m": wanted_size_m(settings, named)}
    return shared_kwargs(settings) | view | own


def with_pipeline(values: dict[str, Any], settings: TEXT3D_Settings) -> dict[str, Any]:
    """Return a recipe's settings with the panel's pipeline if one makes the view, since a recipe names none to load.

    Without a pipeline, a latent is decoded as that of a given view.

    Raises:
        SubmitError: A pipeline is needed, and the panel has none on this machine.
    """
    if values.get("image_model") != DIFFUSERS:
        return values
    source = pipeline(settings)
    require_local_pipeline(source)
    if source:
        return values | {"image_model_source": source}
    if values.get("latent"):
        return values | {"image_model": "", "negative_prompt": "", "image_size": 0}
    message = "A Diffusers pipeline made the view of this object, and the panel has none."
    raise SubmitError(Problem(message, "Choose its folder, then try again.", Reason.BAD_PIPELINE))


def require_local_pipeline(source: str) -> None:
    """Check that the .blend file, which may be untrusted, names no pipeline on another machine.

    Raises:
        SubmitError: It does.
    """
    if is_remote_path(source):
        message = f"The pipeline {truncated_repr(source)} is on another machine."
        raise SubmitError(Problem(message, "Copy it to this machine and choose it again.", Reason.CONFLICT))


def shared_kwargs(settings: TEXT3D_Settings) -> dict[str, Any]:
    """Return the panel's settings besides prompt and image as arguments of `make_requests`."""
    names = [name for name, setting in SETTINGS.items() if setting.property]
    chosen = [name for name in names if settings.has_own_sampling or name not in SAMPLING]
    return {name: panel_value(settings, name) for name in chosen} | {
        "count": settings.count,
        "seed": None if settings.has_random_seed else settings.seed,
        "viewer": viewer_address(settings),
        **(NOT_VARIED if settings.has_random_seed else {}),
    }


def image_path(settings: TEXT3D_Settings) -> str:
    """Return the path of the image.

    Raises:
        SubmitError: No image is chosen, or the .blend file, which may be untrusted, names one on another machine.
    """
    path = bpy.path.abspath(settings.image)
    if not path:
        raise SubmitError(Problem("No image is chosen.", "Choose an image file.", Reason.BAD_IMAGE))
    if is_remote_path(path):
        message = f"The image {truncated_repr(path)} is on another machine."
        raise SubmitError(Problem(message, "Copy it to this machine and choose it again.", Reason.CONFLICT))
    return path


def prompt_or_name(settings: TEXT3D_Settings) -> str:
    """Return the prompt; for a model without inputs it only names the object, and may be empty."""
    return settings.prompt if accepted_inputs(settings) else settings.prompt.strip() or "anything"


def image_name(path: str) -> str:
    """Return the name of an image file without its suffix, as a prompt that names the object."""
    stem = PurePath(path.replace("\\", "/")).stem
    name = "".join(letter for letter in stem if unicodedata.category(letter) not in CONTROL_CATEGORIES)
    return name.strip()[:MAX_PROMPT_LENGTH] or "image"


def viewer_address(settings: TEXT3D_Settings) -> str:
    """Return the viewer setting of a request.

    Raises:
        SubmitError: The .blend file, which may be untrusted, names another machine.
    """
    if not settings.has_live_view:
        return ""
    own, default = settings.live_view_address.strip(), choices().live_view_address
    if own not in ("", default) and VIEWER.fullmatch(own) and is_remote_viewer(own):
        message = f"This file sends the live view to another machine, {truncated_repr(own)}."
        fix = "Enter the address in the preferences to allow it, or clear it here."
        raise SubmitError(Problem(message, fix, Reason.CONFLICT))
    return own or default or "spawn"


@contextmanager
def submit_errors(settings: TEXT3D_Settings | None = None) -> Iterator[None]:
    """Turn a refused request into a SubmitError, which offers Fix Settings if these settings have a conflict."""
    try:
        yield
    except BadRequest as error:
        has_fix = settings and any(conflict.is_blocking and conflict.name for conflict in conflicts(settings))
        problem = Problem(str(error), reason=Reason.CONFLICT) if has_fix else problem_of_error(error)
        raise SubmitError(problem) from error


def submit(
    requests: list[Request],
    scene: bpy.types.Scene,
    expected_sha256: str = "",
    into: bpy.types.Object | None = None,
    *,
    sheet_locations: Sequence[tuple[float, float, float]] = (),
    targets: Sequence[ImportTarget] = (),
) -> list[ActiveJob]:
    """Queue requests for objects side by side at the 3D cursor, and start the timer that follows them.

    Args:
        requests: The requests.
        scene: Scene of the objects.
        expected_sha256: Hash of the weights of the first object, for Regenerate.
        into: The object that the results become versions of, or None for new objects.
        sheet_locations: Locations of the objects on a contact sheet instead.
        targets: Where the results go instead, one target for each.

    Raises:
        SubmitError: There is no environment, or a job could not be queued.
    """
    chosen = choices()
    if problem := environment_problem(chosen):
        raise SubmitError(problem)
    state.problem = None
    state.notices.clear()
    is_placed = bool(into or sheet_locations or targets)
    if into:
        targets = [target_of_object(into, scene, expected_sha256)] * len(requests)
    elif sheet_locations:
        targets = [ImportTarget(scene.name, location, is_on_sheet=True) for location in sheet_locations]
    targets = targets or targets_in_row(requests, scene, expected_sha256)
    hiding = "" if is_placed else occluder_name(requests[0], scene)
    jobs = [submit_one(request, target, chosen) for request, target in zip(requests, targets, strict=True)]
    jobs[0].placed_next_to = hiding
    warm_up()
    follow_selection(jobs)
    poll_timer.start()
    return jobs


def targets_in_row(requests: list[Request], scene: bpy.types.Scene, expected_sha256: str) -> list[ImportTarget]:
    """Return the first free places for new objects."""
    slots = enumerate(requests, start=first_free_slot(requests[0], scene))
    columns = columns_of(requests[0], scene)
    places = [
        slot_location(slot, request.size_m, scene, rows=rows_of(request), columns=columns) for slot, request in slots
    ]
    return [ImportTarget(scene.name, place, expected_sha256) for place in places]


def submit_one(request: Request, target: ImportTarget, chosen: Choices) -> ActiveJob:
    """Queue one job."""
    starts_worker = not has_running_worker()
    try:
        (folder,) = session_for(chosen).submit([request])
    except (BadRequest, InvalidJob) as error:
        raise SubmitError(problem_of_error(error)) from error
    job = state.jobs[folder.job_id] = ActiveJob(folder, request, target, starts_worker=starts_worker)
    return job


def session_for(chosen: Choices) -> Session:
    """Return the session with these preferences. One with other preferences is closed once it has no jobs."""
    session = state.session
    fits = session and (session.jobs_dir, session.worker.python) == (chosen.jobs_dir, chosen.python)
    if session and not fits and not session.jobs:
        session.close()
        session = None
    state.session = session or Session(chosen.jobs_dir, chosen.python)
    state.session.is_paused = state.is_paused
    state.session.worker.variables = {HOME_VARIABLE: str(chosen.jobs_dir.parent)}  # for the weights folder
    return state.session
