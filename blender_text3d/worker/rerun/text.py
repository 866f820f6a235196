# SPDX-License-Identifier: GPL-3.0-or-later
"""The text in a recording: the recipe as Markdown, and one sentence per event."""

from ...protocol.events import Cancelled, Event, Failed, Finished, Notice, Progress, Started, ViewChosen
from ...protocol.models import MODELS
from ...protocol.request import Request

MARKDOWN_CHARACTERS = r"\`*_{}[]<>()#+-.!|~"


def recipe_markdown(request: Request, started: Started) -> str:
    """Return the prompt as a heading, and a table of everything that is needed to make the object again."""
    reused = f", at first every {request.guidance_every} steps" if request.guidance_every > 1 else ""
    guidance = f"guidance {request.guidance:g}{reused}"
    recipe = {
        "Model": request.model,
        "Seed": request.seed,
        "Quality": f"{request.quality}: {request.steps} steps, {guidance}, grid {request.grid}",
        "Outputs": request.outputs,
        **view_row(request, started),
        "Device": started.device_name or started.device,
        "Engine": f"{started.engine_version}, weights {started.weights_sha256[:12]}",
    }
    rows = [f"| {name} | {escape_markdown(str(value))} |" for name, value in recipe.items()]
    return "\n".join([f"# {escape_markdown(request.prompt)}", "", "| | |", "| --- | --- |", *rows])


def view_row(request: Request, started: Started) -> dict[str, str]:
    """Return the row of what made the view; {} if none was made."""
    if not started.image_weights_sha256:
        return {}
    image_model = request.image_model or MODELS[request.model].image_model
    views = f"{request.candidates} views" if request.candidates > 1 else "1 view"
    return {"View": f"{image_model}: {views}, weights {started.image_weights_sha256[:12]}"}


def escape_markdown(text: str) -> str:
    """Return Markdown that displays the text literally."""
    return "".join(f"\\{character}" if character in MARKDOWN_CHARACTERS else character for character in text)


def sentence(event: Event) -> str:
    """Return one event as a line of the text log."""
    match event:
        case Started():
            return f"Started on {event.device_name or event.device}"
        case Progress():
            return f"{event.stage}: {event.total} steps" if event.total != 1 else event.stage
        case Notice():
            return event.message
        case ViewChosen():
            return f"View: {event.view} of {event.total}"
        case Finished():
            return f"Finished in {event.elapsed_s:.1f} s: {format_counts(event)}"
        case Cancelled():
            return f"Cancelled in stage {event.stage}, step {event.index}"
        case Failed():
            return f"{event.message} {event.fix}"
        case _:
            return event.kind


def format_counts(event: Finished) -> str:
    """Return the numbers of vertices, faces and points that were made."""
    counts = {"vertices": event.vertices, "faces": event.faces, "points": event.points}
    return ", ".join(f"{number} {name}" for name, number in counts.items() if number) or "nothing"
