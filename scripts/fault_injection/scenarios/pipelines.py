# SPDX-License-Identifier: GPL-3.0-or-later
"""Other ways through the pipelines: of a picture, of a latent that was kept, with views all around."""

import shutil
from collections.abc import Callable
from functools import partial

from blender_text3d.protocol.events import Progress
from blender_text3d.protocol.request import Request

from ..fault import Fault, Round
from ..follow_jobs import ended
from ..harness import Harness, make_request
from .out_of_memory import interrupt_while
from .worker_killed import SIGNALS, kill_while

CHAIR = ((40, 20, 88, 60), (36, 60, 92, 76), (36, 76, 44, 116), (84, 76, 92, 116))
Strike = Callable[[Round, Request, str], None]


def picture(bench: Harness) -> str:
    """The path of a picture of a red chair on white."""
    from PIL import Image, ImageDraw

    path = bench.folder / "chair.png"
    if not path.exists():
        image = Image.new("RGB", (128, 128), "white")
        for box in CHAIR:
            ImageDraw.Draw(image).rectangle(box, fill=(200, 30, 30))
        image.save(path)
    return str(path)


def latent(bench: Harness) -> str:
    """The path of a latent that an earlier job kept."""
    path = bench.folder / "latent.npz"
    if not path.exists():
        (job,) = bench.session.submit([make_request()])
        ended(bench.session, [job])
        shutil.copyfile(job.latent, path)
    return str(path)


def with_views(round_: Round) -> Request:
    """All around the mesh or the field, drawn by the renderer that goes with it."""
    mode = round_.chance.choice(("stf", "nerf"))
    return make_request("mini/shap-e", round_.chance.randrange(2), views=4, view_size=32, view_mode=mode)


WAYS: dict[str, Callable[[Round], Request]] = {
    "mini/shap-e of a picture": lambda round_: make_request("mini/shap-e", image=picture(round_.bench)),
    "mini/point-e of a picture": lambda round_: make_request("mini/point-e", image=picture(round_.bench)),
    "refined from a latent": lambda round_: make_request(
        latent=latent(round_.bench), grid=round_.chance.choice((40, 48))
    ),
    "with views all around": with_views,
}


def strike_on_the_way(round_: Round, way: str, strike: Strike) -> str:
    """One round, in any stage of that way; gives which."""
    request = WAYS[way](round_)
    stage = round_.chance.choice(stages(round_.bench, request))
    strike(round_, request, stage)
    return stage


def stages(bench: Harness, request: Request) -> list[str]:
    """Those that a job goes through when its model is there, in order."""
    told = (event.stage for event in bench.events(request) if isinstance(event, Progress) and event.stage != "load")
    return list(dict.fromkeys(told))


def killing(name: str) -> Strike:
    """By a signal of this name."""
    return lambda round_, request, stage: kill_while(round_, name, request, stage)


STRIKES: dict[str, Strike] = {**{name: killing(name) for name in SIGNALS}, "MemoryError": interrupt_while}
FAULTS = [
    Fault(f"Worker: {name}, {way}, any stage", partial(strike_on_the_way, way=way, strike=strike))
    for name, strike in STRIKES.items()
    for way in WAYS
]
