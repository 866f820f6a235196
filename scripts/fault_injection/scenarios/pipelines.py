# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults in other pipelines: from an image, from a saved latent, with views."""

import shutil
from collections.abc import Callable
from functools import partial

from blender_text3d.protocol.events import Progress
from blender_text3d.protocol.request import Request

from ..fault import Fault, Round
from ..follow_jobs import ended
from ..harness import Harness, make_request
from .out_of_memory import raise_memory_error
from .worker_killed import SIGNALS, kill_while

CHAIR = ((40, 20, 88, 60), (36, 60, 92, 76), (36, 76, 44, 116), (84, 76, 92, 116))
Injection = Callable[[Round, Request, str], None]


def input_image(harness: Harness) -> str:
    """Return the path of an image of a red chair on white."""
    from PIL import Image, ImageDraw

    path = harness.folder / "chair.png"
    if not path.exists():
        image = Image.new("RGB", (128, 128), "white")
        for box in CHAIR:
            ImageDraw.Draw(image).rectangle(box, fill=(200, 30, 30))
        image.save(path)
    return str(path)


def latent(harness: Harness) -> str:
    """Return the path of a latent saved by an earlier job."""
    path = harness.folder / "latent.npz"
    if not path.exists():
        (job,) = harness.session.submit([make_request()])
        ended(harness.session, [job])
        shutil.copyfile(job.latent, path)
    return str(path)


def with_views(round_: Round) -> Request:
    """Return a request with views of the mesh or of the field."""
    mode = round_.rng.choice(("stf", "nerf"))
    return make_request("mini/shap-e", round_.rng.randrange(2), views=4, view_size=32, view_mode=mode)


VARIANTS: dict[str, Callable[[Round], Request]] = {
    "mini/shap-e from an image": lambda round_: make_request("mini/shap-e", image=input_image(round_.harness)),
    "mini/point-e from an image": lambda round_: make_request("mini/point-e", image=input_image(round_.harness)),
    "refined from a latent": lambda round_: make_request(
        latent=latent(round_.harness), grid=round_.rng.choice((40, 48))
    ),
    "with views all around": with_views,
}


def inject_in_variant(round_: Round, variant: str, inject: Injection) -> str:
    """Run one round in a random stage of a pipeline, and return the stage."""
    request = VARIANTS[variant](round_)
    stage = round_.rng.choice(stages(round_.harness, request))
    inject(round_, request, stage)
    return stage


def stages(harness: Harness, request: Request) -> list[str]:
    """Return the stages of a request in order, without loading."""
    stages_seen = (
        event.stage for event in harness.events(request) if isinstance(event, Progress) and event.stage != "load"
    )
    return list(dict.fromkeys(stages_seen))


def killing(name: str) -> Injection:
    """Return an injection that sends a signal of this name."""
    return lambda round_, request, stage: kill_while(round_, name, request, stage)


INJECTIONS: dict[str, Injection] = {**{name: killing(name) for name in SIGNALS}, "MemoryError": raise_memory_error}
FAULTS = [
    Fault(f"Worker: {name}, {variant}, any stage", partial(inject_in_variant, variant=variant, inject=inject))
    for name, inject in INJECTIONS.items()
    for variant in VARIANTS
]
