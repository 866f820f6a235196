# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects between two others with the small models, and the check that finds the broken ones."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import trimesh

from blender_text3d.engine import blend_check
from blender_text3d.engine.blend_check import ends_of, flaw_of_blend, flaw_of_kind, flaw_of_mesh
from blender_text3d.engine.conditioning.blended import blended_condition
from blender_text3d.engine.conditioning.condition import Condition
from blender_text3d.engine.generate import BrokenBlend, Engine, Result, validated
from blender_text3d.engine.recipe import Recipe
from blender_text3d.geometry import Mesh
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.worker.reporting.error_mapping import failed_event

FIRST = Recipe("a red chair", "mini/shap-e", seed=3, steps=4, guidance=1.0, grid=48, solver="distilled", device="cpu")
SECOND = replace(FIRST, prompt="a blue mug", seed=8)
DONUT, KEY = replace(FIRST, prompt="a black donut", seed=11), replace(FIRST, prompt="a gray key", seed=1011)
"""Two kinds that neither tower nor classifier takes for one another, or for a chair."""


@pytest.fixture(scope="module")
def engine():
    return Engine()


def between(first, second, share):
    """The recipe of a blend: noise and condition have the same share of the second object."""
    shares = {"variation_strength": share, "blend_strength": share}
    return replace(first, variation_seed=second.seed, blend_prompt=second.prompt, **shares)


def result_of(engine, recipe):
    steps = engine.generate_batch([recipe])
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value[0]


def test_a_blend_leads_from_one_object_to_the_other_to_the_last_bit(engine):
    first, second = (result_of(engine, recipe).latent for recipe in (FIRST, SECOND))
    latents = {share: result_of(engine, between(FIRST, SECOND, share)).latent for share in (0.0, 0.1, 0.9, 1.0)}
    np.testing.assert_array_equal(latents[0.0], first)
    np.testing.assert_array_equal(latents[1.0], second)
    apart = [np.abs(latent - first).mean() for latent in latents.values()]
    assert apart == sorted(apart)
    assert apart[1] < 0.5 * apart[2]


def test_clouds_of_point_e_are_blended_too(engine):
    small = {"model": "mini/point-e", "steps": 6, "solver": "dpm++2m", "outputs": "cloud"}
    first, second = replace(FIRST, **small), replace(SECOND, **small)
    clouds = [result_of(engine, recipe).cloud.points for recipe in (first, second)]
    ends = [result_of(engine, between(first, second, share)) for share in (0.0, 1.0)]
    for cloud, end in zip(clouds, ends, strict=True):
        np.testing.assert_array_equal(end.cloud.points, cloud)


def test_the_condition_of_a_blend_is_on_the_line_between_both_and_tells_the_notices_of_both():
    def condition(recipe):
        value = 1.0 if recipe.prompt == "first" else 3.0
        return Condition(torch.tensor([value]), notice=f"of {recipe.prompt}")

    recipe = replace(FIRST, prompt="first", blend_prompt="second", blend_strength=0.25)
    blended = blended_condition(SimpleNamespace(condition=condition), recipe)
    assert (blended.values.item(), blended.notice) == (1.5, "of first of second")
    plain = blended_condition(SimpleNamespace(condition=condition), replace(recipe, blend_strength=0.0))
    assert (plain.values.item(), plain.notice) == (1.0, "of first")


def test_the_ends_of_a_blend_are_the_two_objects():
    assert ends_of(between(FIRST, SECOND, 0.5)) == (replace(FIRST, variation_seed=8), replace(SECOND, variation_seed=8))
    prompts_alone = replace(FIRST, blend_prompt="a blue mug", blend_strength=0.5, earlier_variations="4:0.1")
    assert ends_of(prompts_alone)[1] == replace(FIRST, prompt="a blue mug", earlier_variations="4:0.1")


def solid(*shapes):
    joined = trimesh.util.concatenate(shapes)
    count = len(joined.vertices)
    return Mesh(joined.vertices.astype(np.float32), joined.faces.astype(np.int32), np.ones((count, 3), np.float32))


BALL = trimesh.creation.icosphere(2)
ONE, TWO = solid(BALL), solid(BALL, trimesh.creation.icosphere(2).apply_translation((3, 0, 0)))
OPEN = Mesh(ONE.vertices, ONE.faces[5:], ONE.colors)


@pytest.mark.parametrize(
    ("mesh", "ends", "flaw"),
    [
        (ONE, None, ""),
        (TWO, (ONE, ONE), "falls into 2 parts"),
        (TWO, (ONE, TWO), ""),
        (OPEN, (ONE, TWO), "has holes in its surface"),
        (OPEN, (ONE, OPEN), ""),
    ],
)
def test_a_blend_may_have_as_many_parts_and_holes_as_its_objects(mesh, ends, flaw):
    results = iter([Result(each, None, None) for each in ends or ()])
    assert flaw_of_mesh(between(FIRST, SECOND, 0.5), mesh, lambda recipe: next(results)) == flaw
    assert not list(results)  # objects are made only where their parts have to be counted


def test_a_thing_of_neither_kind_is_told_by_what_it_looks_like(engine):
    blend, sample = between(DONUT, KEY, 0.5), partial(result_of, engine)
    assert flaw_of_kind(blend, sample(FIRST).mesh, sample) == "looks like a chair"
    assert [flaw_of_kind(blend, sample(end).mesh, sample) for end in ends_of(blend)] == ["", ""]


def test_a_broken_blend_ends_with_its_flaw_and_others_with_their_mesh(engine, monkeypatch):
    blend = between(DONUT, KEY, 0.1)
    assert validated(result_of(engine, blend), blend).mesh is not None
    monkeypatch.setattr(blend_check, "flaw_of_kind", lambda recipe, mesh, sample: f"looks like {recipe.blend_prompt}")
    with pytest.raises(BrokenBlend) as error:
        validated(result_of(engine, blend), blend)
    message = 'Between "a black donut" and "a gray key", at 0.1, the object looks like a gray key.'
    assert str(error.value) == message
    assert failed_event(error.value, JobFolder(Path("jobs/a"))).reason == "broken_blend"


def test_what_the_tower_does_not_know_is_not_judged(engine):
    recipe, sample = between(FIRST, SECOND, 0.5), partial(result_of, engine)
    assert flaw_of_kind(recipe, ONE, sample).startswith("looks like a")  # a ball is neither a chair nor a mug
    assert flaw_of_kind(replace(recipe, blend_prompt="a gizmo"), ONE, sample) == ""
    assert flaw_of_kind(replace(recipe, blend_prompt="a white chair"), ONE, sample) == ""
    assert flaw_of_kind(recipe, ONE, lambda end: Result(ONE, None, None)) == ""  # ends that it does not recognize
    official = replace(recipe, model="shap-e/text300M")
    assert flaw_of_blend(official, Result(TWO, None, None), sample) == ""
