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
- A step may be off by some times what rounding alone does to it, measured between single and double precision, where
  that is more than the tolerance. Where it is more than a twentieth, the step says nothing and is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from parity_case import BadCase, Case
from parity_decoder import decoded
from parity_networks import forward_pass
from parity_traces import Run, as_seen, run_of
from torch import Tensor

TOLERANCE = 1e-4
ROUNDINGS = 10.0
"""How many times what rounding does to our run it may have done to the recorded one."""
LARGEST_ALLOWANCE = 0.05
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
    single, double = run.freely(torch.float32), run.freely(torch.float64)
    expected = {name: as_seen(run.settings)(value) for name, value in wanted(case, double).items()}
    if "x" not in expected:
        for name, values in expected.items():
            yield run_finding(case, name, single[name], double[name], values)
        return
    parted = {name: largest(step_errors(single[name], values)) for name, values in expected.items()}
    single, double = (run.along(expected["x"], precision) for precision in (torch.float32, torch.float64))
    for name, values in expected.items():
        remark = f"; step by step; run freely {parted[name]:.1e}"
        yield run_finding(case, name, single[name], double[name], values, remark)


def run_finding(case: Case, name: str, single: Tensor, double: Tensor, expected: Tensor, remark: str = "") -> Finding:
    """What comes of one output of a run, made in single and in double precision."""
    errors, roundings = step_errors(double, expected), step_errors(single, double)
    allowed = [max(TOLERANCE, ROUNDINGS * rounding) for rounding in roundings]
    judged = [pair for pair in zip(errors, allowed, strict=True) if not pair[1] > LARGEST_ALLOWANCE]
    error = largest([error for error, _ in judged] or errors)
    near = bool(judged) and all(error <= limit for error, limit in judged)
    beside = f"single precision {largest(step_errors(single, expected)):.1e}"
    if near and error > TOLERANCE:
        beside += f"; rounding alone {largest(roundings):.1e}"
    if len(judged) < len(errors):
        beside += f"; rounding leaves {len(judged)} of {len(errors)} steps to judge"
    return Finding(case.name, name, error, near, beside + remark)


def largest(errors: list[float]) -> float:
    """The largest, or NaN where there is one."""
    return torch.tensor(errors).max().item()
