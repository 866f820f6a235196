# SPDX-License-Identifier: GPL-3.0-or-later
"""Recorded cases: configuration, inputs and expected outputs."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

RELATED_KEYS = ("of", "base", "upsampler")
"""Keys of a configuration that name other cases."""


class InvalidCase(Exception):
    """A file or a case cannot be checked; the message is one sentence and names it."""


class ConfigReader:
    """Reads a configuration key by key and keeps track of the keys that were not read."""

    def __init__(self, config: dict, name: str):
        self._unread, self._name = dict(config), name

    def take(self, key: str, default=None):
        """Return the value of a key, or `default`, which is that of the official code."""
        return self._unread.pop(key, default)

    def require(self, key: str):
        """Return the value of a key.

        Raises:
            InvalidCase: the key is missing.
        """
        if key not in self._unread:
            raise InvalidCase(f"{self._name} lacks the key '{key}'.")
        return self._unread.pop(key)

    def section(self, key: str) -> "ConfigReader":
        """Return a reader of the configuration under a key."""
        return ConfigReader(self.require(key), f"{self._name}.{key}")

    def ignore(self, *keys: str) -> None:
        """Skip keys that have no effect on the checked outputs, such as those for training and initialization."""
        for key in keys:
            self._unread.pop(key, None)

    def expect(self, expected, *keys: str, default=None) -> None:
        """Require a value for keys; a missing key has `default`.

        Raises:
            InvalidCase: a key has another value.
        """
        for key in keys:
            found = self._unread.pop(key, default)
            if found != expected:
                raise InvalidCase(f"{self._name} has {key} = {found!r}; only {expected!r} can be checked.")

    def finish(self) -> None:
        """Require that all keys were read.

        Raises:
            InvalidCase: a key was not read.
        """
        if self._unread:
            raise InvalidCase(f"{self._name} has unknown keys: {', '.join(sorted(self._unread))}.")


@dataclass(frozen=True)
class Case:
    """A recorded case.

    Attributes:
        name: name of the case in the file.
        seed: seed of the weights.
        config: the network's configuration.
        note: description of the run.
        inputs, expected: arrays by name.
        state: shapes of the network's tensors by name, or None if not listed.
        rounding: how far each output, or each step of a run's outputs, moved when the inputs moved by half their last
            bit, if recorded.
        related: the cases that this one repeats in another way, by their names.
    """

    name: str
    seed: int
    config: dict
    note: str
    inputs: dict[str, Tensor]
    expected: dict[str, Tensor]
    state: dict[str, list[int]] | None = None
    rounding: dict[str, Any] = field(default_factory=dict)
    related: dict[str, "Case"] = field(default_factory=dict)

    @property
    def config_reader(self) -> ConfigReader:
        """A reader of the configuration."""
        return ConfigReader(self.config, f"The configuration of the case '{self.name}'")

    def select_inputs(self, *names: str) -> tuple[Tensor, ...]:
        """Return the inputs that exist in the order of the names.

        Raises:
            InvalidCase: an input has another name.
        """
        if unknown := set(self.inputs) - set(names):
            raise InvalidCase(f"The case '{self.name}' has unknown inputs: {', '.join(sorted(unknown))}.")
        present = [self.inputs[name] for name in names if name in self.inputs]
        return tuple(value.float() if value.is_floating_point() else value for value in present)


def read_cases(file: Path) -> Iterator[Case]:
    """Yield the cases of FILE.npz and FILE.json; the suffix of `file` can be left out.

    Raises:
        InvalidCase: a file is missing or has another format.
    """
    stem = file.with_suffix("") if file.suffix in (".npz", ".json") else file
    try:
        listed = json.loads(stem.with_name(stem.name + ".json").read_text(encoding="utf-8"))
        with np.load(stem.with_name(stem.name + ".npz")) as data:
            arrays = {name: data[name] for name in data.files}
        cases, seed = listed["cases"], listed["seed"]
    except (OSError, ValueError, KeyError) as error:
        raise InvalidCase(f"{stem}.npz and {stem}.json cannot be read as recorded cases ({error}).") from error
    for name, case in cases.items():
        related = {
            other: parse_case(other, seed, cases[other], arrays) for other in related_names(case) if other in cases
        }
        yield replace(parse_case(name, seed, case, arrays), related=related)
    yield from unlisted_cases(arrays, cases, seed)


def related_names(case: dict) -> list[str]:
    """Return the names of the cases that a listed case repeats."""
    config = case.get("config", {})
    return [config[key] for key in RELATED_KEYS if isinstance(config.get(key), str)]


def unlisted_cases(arrays: dict[str, np.ndarray], cases: dict, seed: int) -> Iterator[Case]:
    """Yield the case of the arrays that no case lists: noise schedules, "schedule/NAME_alphas_cumprod".

    Raises:
        InvalidCase: another array is not listed by any case.
    """
    rest = {key: value for key, value in arrays.items() if key.partition("/")[0] not in cases}
    if unlisted := [key for key in rest if not key.startswith("schedule/")]:
        raise InvalidCase(f"The arrays {', '.join(unlisted)} belong to no case.")
    if rest:
        expected = {key.partition("/")[2]: torch.from_numpy(value) for key, value in rest.items()}
        yield Case("schedule", seed, {"name": "schedule"}, "", {}, expected)


def parse_case(name: str, seed: int, case: dict, arrays: dict[str, np.ndarray]) -> Case:
    """Return one case with its arrays.

    Raises:
        InvalidCase: an array is missing or of another shape than listed, or the case lacks a section.
    """
    try:
        config, inputs, outputs = case["config"], case["inputs"], case["outputs"]
    except KeyError as error:
        raise InvalidCase(f"The case '{name}' lacks {error}.") from error

    def tensors(shapes: dict) -> dict[str, Tensor]:
        return {key: tensor_from(arrays, f"{name}/{key}", shape) for key, shape in shapes.items()}

    return Case(
        name,
        seed,
        config,
        case.get("note", ""),
        tensors(inputs),
        tensors(outputs),
        case.get("state"),
        case.get("rounding", {}),
    )


def tensor_from(arrays: dict[str, np.ndarray], key: str, shape: list[int]) -> Tensor:
    """Return the array named `key`.

    Raises:
        InvalidCase: it is missing or has another shape.
    """
    if key not in arrays:
        raise InvalidCase(f"The array '{key}' is missing.")
    if list(arrays[key].shape) != list(shape):
        raise InvalidCase(f"The array '{key}' has the shape {list(arrays[key].shape)}, but is listed as {shape}.")
    return torch.from_numpy(arrays[key])
