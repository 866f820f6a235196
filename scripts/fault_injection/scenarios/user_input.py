# SPDX-License-Identifier: GPL-3.0-or-later
"""What the random user presses and types: our own operators and settings, and what our panels draw of it all."""

import bpy

from blender_text3d.addon.jobs import poll_timer, submit
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
NO_PRESS = (
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
"""Parts of the names of operators that install, fetch, or open other programs."""


def our_operators() -> list[str]:
    """Names of operators that may be pressed at random."""
    return [name for name in dir(bpy.ops.text3d) if not any(part in name for part in NO_PRESS) and name not in WAITING]


WAITING = ("generate", "compare", "make_again", "decode_again", "resume_jobs", "settle_all", "try_again")
"""Operators that without a window wait for the object; the driver begins these as a window does."""


def set_any_setting(driver) -> None:
    """A random value, often a bad one, for a random property of the panel."""
    settings = bpy.context.scene.text3d
    rna = driver.chance.choice([one for one in settings.bl_rna.properties if not one.is_readonly])
    setattr(settings, rna.identifier, any_value(driver.chance, rna))


def any_value(chance, rna):
    """Of the property's type; in range for most numbers, as Blender clamps the others."""
    if rna.type == "ENUM":
        return chance.choice([item.identifier for item in rna.enum_items])
    if rna.type == "BOOLEAN":
        return chance.random() < 0.5
    if rna.type == "STRING":
        return chance.choice(TEXTS)
    low, high = rna.soft_min, rna.soft_max
    value = chance.choice((low, high, chance.uniform(low, high), 10.0**9, -5.0))
    return int(max(min(value, 2**31 - 1), -(2**31))) if rna.type == "INT" else value


def begin_a_job(driver) -> None:
    """Generate, with settings that a busy machine can do."""
    settings = bpy.context.scene.text3d
    if len(state.jobs) < MAX_JOBS:
        settings.model, settings.device, settings.image = "mini/shap-e", "cpu", ""
        settings.has_own_sampling, settings.steps, settings.grid, settings.count = True, 4, 24, 1
        settings.has_live_view = False
        settings.prompt = driver.chance.choice(PROMPTS)
        refused(lambda: submit.generate(bpy.context.scene))


def generate_whatever_is_set(driver) -> None:
    """Generate with the settings as they are, where that asks for few small objects of a model that is here."""
    settings = bpy.context.scene.text3d
    is_small = settings.count <= 2 and settings.grid <= 64 and settings.steps <= 20 and settings.has_own_sampling
    if len(state.jobs) < MAX_JOBS and is_small and settings.model.startswith("mini/") and not settings.has_live_view:
        refused(lambda: submit.generate(bpy.context.scene))


def compare_both(driver) -> None:
    """Both families, in a draft."""
    settings = bpy.context.scene.text3d
    if len(state.jobs) < 2 and not settings.has_live_view:
        settings.quality, settings.device = "draft", "cpu"
        refused(lambda: submit.compare(bpy.context.scene))


def make_the_active_one_again(driver) -> None:
    """Make Again or Refine, where there is something to make again."""
    from blender_text3d.addon.operators.recipe import active_recipe

    recipe = active_recipe(bpy.context)
    if recipe is not None and len(state.jobs) < MAX_JOBS:
        if driver.chance.random() < 0.5:
            refused(lambda: submit.make_again(recipe, bpy.context.scene))
        else:
            refused(lambda: submit.decode_again(recipe, bpy.context.scene, 32))


def refused(begin) -> None:
    """Begin, or hear in a sentence why not."""
    try:
        begin()
    except SubmitError as refusal:
        assert refusal.trouble.message.strip()


def press_any(driver) -> None:
    """A random operator of ours, with random values for its properties."""
    operator = getattr(bpy.ops.text3d, driver.chance.choice(our_operators()))
    values = {}
    for rna in operator.get_rna_type().properties:
        if not rna.is_readonly and rna.identifier != "rna_type" and driver.chance.random() < 0.3:
            values[rna.identifier] = any_job(driver) if rna.identifier == "job_id" else any_value(driver.chance, rna)
    if operator.poll():
        operator("EXEC_DEFAULT", True, **values)  # with an undo step where the operator asks for one, as in a window


def any_job(driver) -> str:
    """The name of a job, or of none."""
    names = [*state.jobs, *(folder.job_id for folder in state.offers), "", "../..", "none"]
    return driver.chance.choice(names)


def let_time_pass(driver) -> None:
    """Some ticks of the timer."""
    import time

    for _ in range(driver.chance.randrange(1, 15)):
        poll_timer.on_timer()
        time.sleep(0.01)


def look_at_all_panels(driver) -> None:
    """Draw everything that would show."""
    from tests.blender.recording_layout import drawn

    drawn()


ACTIONS = (
    set_any_setting, begin_a_job, begin_a_job, generate_whatever_is_set, compare_both, make_the_active_one_again,
    press_any, press_any, let_time_pass, let_time_pass, let_time_pass, look_at_all_panels,
)  # fmt: skip
