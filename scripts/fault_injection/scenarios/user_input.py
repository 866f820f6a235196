# SPDX-License-Identifier: GPL-3.0-or-later
"""Random input: the operators, settings and panels of the add-on."""

import bpy

from blender_text3d.addon.jobs import from_recipe, poll_timer, submit
from blender_text3d.addon.state.problem import SubmitError
from blender_text3d.addon.state.session_state import state

MAX_JOBS = 6
PROMPTS = (
    "a red chair",
    "slowly a boat",
    "dies",
    "fails",
    "knows not zorg",
    "broken file",
    "",
    " ",
    "🪑",
    "x" * 2000,
    "a\nb",
)
TEXTS = (*PROMPTS, "/", "..", "\x00", "//relative.png", "/etc/passwd", "rerun+http://127.0.0.1:1/proxy", "ä" * 300)
EXCLUDED = (
    "set_up",
    "repair",
    "remove",
    "fetch",
    "import_weights",
    "install",
    "open",
    "copy",
    "doctor",
    "kit",
    "network",
)
"""Parts of the names of operators that install, download, or open other programs."""


def allowed_operators() -> list[str]:
    """Return the names of operators that may be called at random."""
    return [name for name in dir(bpy.ops.text3d) if not any(part in name for part in EXCLUDED) and name not in BLOCKING]


BLOCKING = ("generate", "compare", "make_again", "decode_again", "resume_jobs", "settle_all", "try_again")
"""Operators that wait for the object if there is no window; the driver starts these as a window does."""


def set_any_setting(driver) -> None:
    """Set a random property of the panel to a random value, often an invalid one."""
    settings = bpy.context.scene.text3d
    rna = driver.rng.choice([one for one in settings.bl_rna.properties if not one.is_readonly])
    setattr(settings, rna.identifier, any_value(driver.rng, rna))


def any_value(rng, rna):
    """Return a random value of a property's type; most numbers are within its limits, and Blender clamps the others."""
    if rna.type == "ENUM":
        return rng.choice([item.identifier for item in rna.enum_items])
    if rna.type == "BOOLEAN":
        return rng.random() < 0.5
    if rna.type == "STRING":
        return rng.choice(TEXTS)
    if length := getattr(rna, "array_length", 0):
        return [any_number(rng, rna) for _ in range(length)]
    return any_number(rng, rna)


def any_number(rng, rna):
    """Return a random number for a property; see `any_value`."""
    low, high = rna.soft_min, rna.soft_max
    value = rng.choice((low, high, rng.uniform(low, high), 10.0**9, -5.0))
    return int(max(min(value, 2**31 - 1), -(2**31))) if rna.type == "INT" else value


def start_a_job(driver) -> None:
    """Generate with settings that are fast even on a busy machine."""
    settings = bpy.context.scene.text3d
    if len(state.jobs) < MAX_JOBS:
        settings.model, settings.device, settings.image = "mini/shap-e", "cpu", ""
        settings.has_own_sampling, settings.steps, settings.grid, settings.count = True, 4, 24, 1
        settings.has_live_view = False
        settings.prompt = driver.rng.choice(PROMPTS)
        attempt(lambda: submit.generate(bpy.context.scene))


def generate_with_current_settings(driver) -> None:
    """Generate with the current settings if they give few small objects of a small model."""
    settings = bpy.context.scene.text3d
    is_small = settings.count <= 2 and settings.grid <= 64 and settings.steps <= 20 and settings.has_own_sampling
    if len(state.jobs) < MAX_JOBS and is_small and settings.model.startswith("mini/") and not settings.has_live_view:
        attempt(lambda: submit.generate(bpy.context.scene))


def compare_both(driver) -> None:
    """Compare both models in draft quality."""
    settings = bpy.context.scene.text3d
    if len(state.jobs) < 2 and not settings.has_live_view:
        settings.quality, settings.device = "draft", "cpu"
        attempt(lambda: submit.compare(bpy.context.scene))


def make_active_again(driver) -> None:
    """Generate the active object again or refine it, if it has a recipe."""
    from blender_text3d.addon.operators.recipe import active_recipe

    recipe = active_recipe(bpy.context)
    if recipe is not None and len(state.jobs) < MAX_JOBS:
        if driver.rng.random() < 0.5:
            attempt(lambda: from_recipe.regenerate(recipe, bpy.context.scene))
        else:
            attempt(lambda: from_recipe.refine(recipe, bpy.context.scene, 32))


def attempt(start) -> None:
    """Start a job; if that is refused, there must be a message."""
    refusal = None
    try:
        start()
    except SubmitError as error:
        refusal = error
    assert refusal is None or refusal.problem.message.strip()


def call_any_operator(driver) -> None:
    """Call a random operator of the add-on with random properties."""
    operator = getattr(bpy.ops.text3d, driver.rng.choice(allowed_operators()))
    values = {}
    for rna in operator.get_rna_type().properties:
        if not rna.is_readonly and rna.identifier != "rna_type" and driver.rng.random() < 0.3:
            values[rna.identifier] = any_job(driver) if rna.identifier == "job_id" else any_value(driver.rng, rna)
    if operator.poll():
        operator("EXEC_DEFAULT", True, **values)  # with an undo step where the operator asks for one, as in a window


def any_job(driver) -> str:
    """Return the ID of a random job, or an invalid ID."""
    names = [*state.jobs, *(folder.job_id for folder in state.ready), "", "../..", "none"]
    return driver.rng.choice(names)


def let_time_pass(driver) -> None:
    """Run the timer a few times."""
    import time

    for _ in range(driver.rng.randrange(1, 15)):
        poll_timer.on_timer()
        time.sleep(0.01)


def draw_all_panels(driver) -> None:
    """Draw all visible panels."""
    from tests.blender.recording_layout import drawn

    drawn()


ACTIONS = (
    set_any_setting, start_a_job, start_a_job, generate_with_current_settings, compare_both, make_active_again,
    call_any_operator, call_any_operator, let_time_pass, let_time_pass, let_time_pass, draw_all_panels,
)  # fmt: skip
