# SPDX-License-Identifier: GPL-3.0-or-later
"""What a recording says in words: the recipe, and one sentence per event."""

from ...protocol.events import Cancelled, Event, Failed, Finished, Notice, Progress, Started
from ...protocol.request import Request

MARKDOWN_SIGNS = r"\`*_{}[]<>()#+-.!|~"


def recipe_markdown(request: Request, started: Started) -> str:
    """The prompt as a heading, and everything that is needed to make the object again."""
    recipe = {
        "Model": request.model,
        "Seed": request.seed,
        "Quality": f"{request.quality}: {request.steps} steps, guidance {request.guidance:g}, grid {request.grid}",
        "Outputs": request.outputs,
        "Device": started.device_name or started.device,
        "Engine": f"{started.engine_version}, weights {started.weights_sha256[:12]}",
    }
    rows = [f"| {name} | {escaped(str(value))} |" for name, value in recipe.items()]
    return "\n".join([f"# {escaped(request.prompt)}", "", "| | |", "| --- | --- |", *rows])


def escaped(text: str) -> str:
    """Text that markdown shows as it is."""
    return "".join(f"\\{sign}" if sign in MARKDOWN_SIGNS else sign for sign in text)


def sentence(event: Event) -> str:
    """One event as a line of the text log."""
    match event:
        case Started():
            return f"Started on {event.device_name or event.device}"
        case Progress():
            return f"{event.stage}: {event.of} steps" if event.of != 1 else event.stage
        case Notice():
            return event.message
        case Finished():
            return f"Finished in {event.elapsed_s:.1f} s: {finished_counts(event)}"
        case Cancelled():
            return f"Cancelled in stage {event.stage}, step {event.index}"
        case Failed():
            return f"{event.message} {event.fix}"
        case _:
            return event.kind


def finished_counts(event: Finished) -> str:
    """What was made, counted."""
    counts = {"vertices": event.vertices, "faces": event.faces, "points": event.points}
    return ", ".join(f"{number} {name}" for name, number in counts.items() if number) or "nothing"
