# SPDX-License-Identifier: GPL-3.0-or-later
"""Comparison of a case's outputs with the recorded ones.

A relative error is the largest difference divided by the largest expected value; for a run, the largest of any step, in
the network's input units, in which positions and colors have the same scale.

A forward pass is compared in single precision, as it is used. A run amplifies rounding: with a guidance of 15, a random
network turns 1e-7 into 1e-3 within a few steps, and on another processor the official program itself deviates from its
own record by 1e-2. So a run is checked as follows:

- The network runs in double precision, so that only the record's own rounding is left. The error in single precision is
  reported as a remark.
- If the record contains x, each step starts at the recorded x: a solver that is right in every step is right, and
  errors do not accumulate. The error of a run that starts at the noise only is reported as a remark.
- If rounding alone moves a step by more than the tolerance, the step may differ by a multiple of that. Its effect is
  measured by several single precision runs whose inputs differ in the last bit, compared with double precision. Steps
  for which the allowance would be more than 5 % prove nothing and are left out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, partial

import torch
from torch import Tensor

from scripts.parity.case import Case, InvalidCase
from scripts.parity.decoder import decode
from scripts.parity.encoder_cases import ENCODER_KINDS
from scripts.parity.networks import forward_pass
from scripts.parity.traces import Run, Trace, perturbed, run_of, to_network_inputs

TOLERANCE = 1e-4
ROUNDING_FACTOR = 10.0
"""Allowed error relative to the measured effect of rounding."""
PERTURBATIONS = 4
"""Number of runs with other last bits that measure the effect of rounding."""
MAX_ALLOWANCE = 0.05
"""Largest allowance; steps that would need more are left out."""


@dataclass(frozen=True)
class OutputCheck:
    """The comparison of one output of a case.

    Attributes:
        error: relative error.
        is_close: True if the error is allowed.
        remark: additional figures.
    """

    case: str
    output: str
    error: float
    is_close: bool
    remark: str = ""


@torch.no_grad()
def check_outputs(case: Case) -> Iterator[OutputCheck]:
    """Check each output of a case.

    Raises:
        InvalidCase: the case is of an unknown kind or incomplete.
    """
    kind = ENCODER_KINDS.get(kind_of(case))
    if kind is None and "noise" in case.inputs:
        yield from check_run(case, run_of(case))
        return
    outputs = kind(case) if kind else decode(case) if "renderer" in case.config else forward_pass(case)
    for name, expected in expected_outputs(case, outputs).items():
        error, rounding = relative_error(outputs[name], expected), case.rounding.get(name, 0.0)
        remark = f"rounding alone {rounding:.1e}" if rounding else ""
        yield OutputCheck(case.name, name, error, error <= max(TOLERANCE, ROUNDING_FACTOR * rounding), remark)


def kind_of(case: Case) -> str:
    """Return the name in a case's configuration, or in that of the case that it repeats."""
    configs = [case.config, *(related.config for related in case.related.values())]
    return next((config["name"] for config in configs if "name" in config), "")


def expected_outputs(case: Case, computed: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the expected outputs.

    Raises:
        InvalidCase: an expected output is not computed, or has another shape.
    """
    if unknown := case.expected.keys() - computed.keys():
        raise InvalidCase(f"The case '{case.name}' has unknown outputs: {', '.join(sorted(unknown))}.")
    for name, expected in case.expected.items():
        if expected.shape != computed[name].shape:
            computed_shape, shape = list(computed[name].shape), list(expected.shape)
            raise InvalidCase(
                f"The case '{case.name}' expects the shape {shape} of {name}, its configuration gives {computed_shape}."
            )
    return case.expected


def relative_error(computed: Tensor, expected: Tensor) -> float:
    """Return the largest difference divided by the largest finite expected value; NaN if either contains one."""
    computed, expected = computed.double(), expected.double()
    difference = torch.where(computed == expected, 0.0, computed - expected).abs().max().item()
    size = torch.where(expected.isinf(), 0.0, expected).abs().max().item()
    return difference / size if size else difference


def step_errors(computed: Tensor, expected: Tensor) -> list[float]:
    """Return the relative error of each step of (S, ...) float."""
    return [relative_error(*pair) for pair in zip(computed, expected, strict=True)]


def check_run(case: Case, run: Run) -> Iterator[OutputCheck]:
    """Check the outputs of a run."""
    free = run.sample(torch.float32)
    expected = {name: to_network_inputs(run.settings)(value) for name, value in expected_outputs(case, free).items()}
    follow, remark = run.sample, {name: "" for name in expected}
    if "x" in expected:
        follow = partial(run.sample_from_recorded, expected["x"])
        remark = {n: f"; step by step; run freely {largest(step_errors(free[n], expected[n])):.1e}" for n in expected}
    single, double = follow(torch.float32), follow(torch.float64)
    effect = cache(partial(rounding_effect, run, expected.get("x"), double))
    for name, values in expected.items():
        figures = f"single precision {largest(step_errors(single[name], values)):.1e}{remark[name]}"
        yield judge(case, name, step_errors(double[name], values), effect, figures)


def rounding_effect(run: Run, recorded: Tensor | None, double: Trace) -> dict[str, list[float]]:
    """Return how far last bits alone move each step of each output, starting at the recorded x if given."""
    effect = {name: [0.0] * len(values) for name, values in double.items()}
    for seed in range(PERTURBATIONS):
        other = replace(run, noise=perturbed(run.noise, seed))
        if recorded is None:
            single = other.sample(torch.float32)
        else:
            single = other.sample_from_recorded(perturbed(recorded, seed), torch.float32)
        for name, values in single.items():
            effect[name] = list(map(max, effect[name], step_errors(values, double[name])))
    return effect


def judge(
    case: Case, name: str, errors: list[float], effect: Callable[[], dict[str, list[float]]], figures: str
) -> OutputCheck:
    """Check one output of a run; the effect of rounding is computed only if the tolerance is exceeded."""
    if largest(errors) <= TOLERANCE:
        return OutputCheck(case.name, name, largest(errors), True, figures)
    pairs = list(zip(errors, effect()[name], strict=True))
    clear = [(error, rounding) for error, rounding in pairs if ROUNDING_FACTOR * rounding <= MAX_ALLOWANCE]
    error = largest([error for error, _ in clear or pairs])
    is_close = bool(clear) and all(error <= max(TOLERANCE, ROUNDING_FACTOR * rounding) for error, rounding in clear)
    figures += f"; rounding alone up to {largest([rounding for _, rounding in pairs]):.1e}"
    figures += f"; {len(pairs) - len(clear)} of {len(pairs)} steps left out" if len(clear) < len(pairs) else ""
    return OutputCheck(case.name, name, error, is_close, figures)


def largest(errors: list[float]) -> float:
    """Return the largest error, or NaN if there is one."""
    return torch.tensor(errors).max().item()
