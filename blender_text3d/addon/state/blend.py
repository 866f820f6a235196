# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of the objects between two generated ones, and the sentence about those that were broken. No bpy."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ...protocol.errors import BadRequest
from ...protocol.job_recipe import is_copy
from ...protocol.request import VARIATIONS
from .active_job import ActiveJob
from .variation import SAMPLED_ANEW, strength_text

NOUNS = {"mesh": "a mesh", "cloud": "a point cloud"}
DECIMALS, SHOWN_DECIMALS = 6, 3

Blends = tuple[tuple[int, float], ...]
"""Seeds and strengths of the noises that are blended in, in order."""


class BlendEnd(NamedTuple):
    """One of two objects to blend.

    Attributes:
        name: Name of the object.
        recipe: Its recipe, which may come from somebody else.
        kind: "mesh" or "cloud".
    """

    name: str
    recipe: Mapping[str, Any]
    kind: str


class SeedNoise(NamedTuple):
    """The noise of an object."""

    seed: int
    blends: Blends


def even_shares(count: int) -> list[float]:
    """Return the shares of objects that divide the way between two others evenly, rounded as they are shown."""
    return [round((index + 1) / (count + 1), SHOWN_DECIMALS) for index in range(count)]


def blend_changes(first: BlendEnd, second: BlendEnd, share: float) -> dict[str, Any]:
    """Return the settings of the first object to change for one that has a share of the second.

    Raises:
        BadRequest: The two cannot be blended.
    """
    check_ends(first, second)
    sizes = [end.recipe["size_m"] for end in (first, second)]
    return {
        **SAMPLED_ANEW,
        **noise_changes(noise_of(first), noise_of(second), share),
        "blend_prompt": second.recipe["prompt"],
        "blend_strength": share,
        "size_m": round((1 - share) * sizes[0] + share * sizes[1], DECIMALS),
        "outputs": first.kind,
    }


def check_ends(first: BlendEnd, second: BlendEnd) -> None:
    """Check that two objects can be blended.

    Raises:
        BadRequest: They are of two kinds or models, or something else than prompt and seed decided what one of them is.
    """
    if first.kind != second.kind:
        raise BadRequest(
            f'"{first.name}" is {NOUNS[first.kind]} and "{second.name}" is {NOUNS[second.kind]}. '
            "Blend two meshes or two point clouds."
        )
    for name, recipe, _ in (first, second):
        if is_copy(recipe) or recipe.get("object") or recipe.get("image"):
            raise BadRequest(f'"{name}" was not made from a prompt. Blend two objects of prompts.')
        if recipe.get("blend_prompt"):
            raise BadRequest(f'"{name}" is a blend itself. Blend the objects that it was made of.')
        if not isinstance(recipe.get("prompt"), str) or not isinstance(recipe.get("size_m"), int | float):
            raise BadRequest(f'The recipe of "{name}" is damaged. Generate the object again.')
    if first.recipe.get("model") != second.recipe.get("model"):
        raise BadRequest(
            f'"{first.name}" and "{second.name}" were made with two models. Generate both with one model first.'
        )


def noise_of(end: BlendEnd) -> SeedNoise:
    """Return the noise of an object.

    Raises:
        BadRequest: Its recipe is damaged.
    """
    seed, earlier = end.recipe.get("seed"), end.recipe.get("earlier_variations", "")
    strength, other = end.recipe.get("variation_strength", 0.0), end.recipe.get("variation_seed", 0)
    is_valid = isinstance(earlier, str) and VARIATIONS.fullmatch(earlier) and isinstance(strength, int | float)
    if not is_valid or type(seed) is not int or type(other) is not int:
        raise BadRequest(f'The recipe of "{end.name}" is damaged. Generate the object again.')
    pairs = (pair.split(":") for pair in earlier.split(",") if pair)
    blends = [(int(number), float(share)) for number, share in pairs]
    return SeedNoise(seed, (*blends, (other, float(strength))) if strength else tuple(blends))


def noise_changes(first: SeedNoise, second: SeedNoise, share: float) -> dict[str, Any]:
    """Return the settings of a noise on the circle from one noise to another.

    Two noises of one seed are not independent: the way between them is the strength of the last blend.

    Raises:
        BadRequest: Both are variations, of different seeds.
    """
    if first == second:
        return {}
    if first.seed == second.seed:
        return changes_of_strength(first, second, share)
    if first.blends and second.blends:
        raise BadRequest("Both objects are variations, of two seeds. Blend one of them with an object that is none.")
    if second.blends:
        return settings_of(second.seed, second.blends, first.seed, round(1 - share, DECIMALS))
    return settings_of(first.seed, first.blends, second.seed, share)


def changes_of_strength(first: SeedNoise, second: SeedNoise, share: float) -> dict[str, Any]:
    """Return the settings of a noise between two of one seed, whose blends differ in the last one only.

    Raises:
        BadRequest: They differ in more.
    """
    longer = max(first.blends, second.blends, key=len)
    shared, seed = longer[:-1], longer[-1][0]
    strengths = []
    for _, blends in (first, second):
        if blends != shared and (blends[:-1] != shared or blends[-1][0] != seed):
            raise BadRequest(
                "The objects are two variations of one seed. Blend one of them with that seed's own object."
            )
        strengths.append(0.0 if blends == shared else blends[-1][1])
    strength = round((1 - share) * strengths[0] + share * strengths[1], DECIMALS)
    return settings_of(first.seed, shared, seed, strength)


def settings_of(seed: int, earlier: Blends, other: int, strength: float) -> dict[str, Any]:
    """Return the settings of a noise with another one blended in."""
    listed = ",".join(f"{number}:{strength_text(share)}" for number, share in earlier)
    return {"seed": seed, "earlier_variations": listed, "variation_seed": other, "variation_strength": strength}


def is_of_one_blend(job: ActiveJob, other: ActiveJob) -> bool:
    """True if two jobs make objects between the same two."""
    names = ("prompt", "blend_prompt", "seed", "variation_seed", "model")
    return all(getattr(job.request, name) == getattr(other.request, name) for name in names)


def skipped_text(jobs: Sequence[ActiveJob]) -> str:
    """Return a sentence about the broken objects of a blend, or "" without any."""
    if not jobs:
        return ""
    first, *others = jobs
    count = "1 object was" if not others else f"{len(jobs)} objects were"
    shares = ", ".join(f"{job.request.blend_strength:g}" for job in others)
    reason = first.problem.message if first.problem else ""
    return f"{count} skipped. {reason}" + (f" Those at {shares} are broken, too." if others else "")
