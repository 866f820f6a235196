# SPDX-License-Identifier: GPL-3.0-or-later
"""Cases → how far our numbers are from the recorded ones, and whether that is near enough.

A relative error is the largest difference over the largest expected value; of a run, the largest such of any step, in
the units that the network sees, where positions and colours count alike.

A forward pass is held against its record in single precision, as it is used. A run multiplies rounding: with a guidance
of 15, a random network makes 1e-7 into 1e-3 within some steps, and on another processor the official program itself
parts from its own record by 1e-2. So a run is judged thus:

- The network works in double precision, so that of all rounding only the record's own is left. What single precision
  makes of the same run is told beside it.
- Where the record holds x, each step of ours begins at the recorded x: a solver that is right in every step is right,
  and nothing piles up. How far our run parts that begins at the noise and never looks at the record is told beside it.
- A step may be off by some times what rounding alone does to it, where that is more than the tolerance: how far several
  runs in single precision whose inputs differ in the last bit lie from ours in double precision. Where that would be
  more than a twentieth, the step says nothing and is left out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial

import torch
from torch import Tensor

from scripts.parity.case import BadCase, Case
from scripts.parity.decoder import decoded
from scripts.parity.networks import forward_pass
from scripts.parity.traces import Run, Trace, as_seen, run_of, shaken

TOLERANCE = 1e-4
ROUNDINGS = 10.0
"""How many times what rounding does to our runs it may have done to the recorded one."""
SHAKES = 4
"""Runs with other last bits, from which the effect of rounding is measured."""
MAX_ALLOWANCE = 0.05
"""Steps that rounding moves by so much are not judged."""


@dataclass(frozen=True)
class Finding:
    """One output of one case.

    Attributes:
        error: relative.
        is_near: whether that is near enough.
        remark: what else there is to know of it.
    """

    case: str
    output: str
    error: float
    is_near: bool
    remark: str = ""


@torch.no_grad()
def findings(case: Case) -> Iterator[Finding]:
    """What comes of each output of a case.

    Raises:
        BadCase: the case is of a kind that is not known, or not whole.
    """
    if "noise" in case.inputs:
        yield from run_findings(case, run_of(case))
        return
    ours = decoded(case) if "renderer" in case.config else forward_pass(case)
    for name, expected in wanted(case, ours).items():
        error = relative_error(ours[name], expected)
        yield Finding(case.name, name, error, error <= TOLERANCE)


def wanted(case: Case, known: dict[str, Tensor]) -> dict[str, Tensor]:
    """The expected outputs.

    Raises:
        BadCase: one that we do not make, or in another shape.
    """
    if odd := case.expected.keys() - known.keys():
        raise BadCase(f"The case '{case.name}' has outputs that are not known: {', '.join(sorted(odd))}.")
    for name, expected in case.expected.items():
        if expected.shape != known[name].shape:
            made, shape = list(known[name].shape), list(expected.shape)
            raise BadCase(f"The case '{case.name}' expects {name} as {shape}; its configuration makes it {made}.")
    return case.expected


def relative_error(ours: Tensor, expected: Tensor) -> float:
    """Largest difference over the largest expected value; NaN where either holds one."""
    difference, size = (ours - expected).abs().max().item(), expected.abs().max().item()
    return difference / size if size else difference


def step_errors(ours: Tensor, expected: Tensor) -> list[float]:
    """The relative error of each step [S, ...]."""
    return [relative_error(*pair) for pair in zip(ours, expected, strict=True)]


def run_findings(case: Case, run: Run) -> Iterator[Finding]:
    """What comes of a run's outputs."""
    free = run.freely(torch.float32)
    expected = {name: as_seen(run.settings)(value) for name, value in wanted(case, free).items()}
    follow, remark = run.freely, {name: "" for name in expected}
    if "x" in expected:
        follow = partial(run.along, expected["x"])
        remark = {n: f"; step by step; run freely {largest(step_errors(free[n], expected[n])):.1e}" for n in expected}
    single, double = follow(torch.float32), follow(torch.float64)
    effect = cache(partial(effect_of_rounding, run, expected.get("x"), double))
    for name, values in expected.items():
        beside = f"single precision {largest(step_errors(single[name], values)):.1e}{remark[name]}"
        yield judged(case, name, step_errors(double[name], values), effect, beside)


def effect_of_rounding(run: Run, recorded: Tensor | None, double: Trace) -> dict[str, list[float]]:
    """How far last bits alone move each step of each output, of a run that follows the recorded x or is free."""
    effect = {name: [0.0] * len(values) for name, values in double.items()}
    for seed in range(SHAKES):
        other = replace(run, noise=shaken(run.noise, seed))
        made = other.freely(torch.float32) if recorded is None else other.along(shaken(recorded, seed), torch.float32)
        for name, values in made.items():
            effect[name] = list(map(max, effect[name], step_errors(values, double[name])))
    return effect


def judged(
    case: Case, name: str, errors: list[float], effect: Callable[[], dict[str, list[float]]], beside: str
) -> Finding:
    """The verdict on one output of a run; the effect of rounding is asked for only where the tolerance is not kept."""
    if largest(errors) <= TOLERANCE:
        return Finding(case.name, name, largest(errors), True, beside)
    pairs = list(zip(errors, effect()[name], strict=True))
    clear = [(error, rounding) for error, rounding in pairs if ROUNDINGS * rounding <= MAX_ALLOWANCE]
    error = largest([error for error, _ in clear or pairs])
    near = bool(clear) and all(error <= max(TOLERANCE, ROUNDINGS * rounding) for error, rounding in clear)
    beside += f"; rounding alone up to {largest([rounding for _, rounding in pairs]):.1e}"
    beside += f"; {len(pairs) - len(clear)} of {len(pairs)} steps left out" if len(clear) < len(pairs) else ""
    return Finding(case.name, name, error, near, beside)


def largest(errors: list[float]) -> float:
    """The largest, or NaN where there is one."""
    return torch.tensor(errors).max().item()
