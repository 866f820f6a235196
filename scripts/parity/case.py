# SPDX-License-Identifier: GPL-3.0-or-later
"""One recorded case: what was configured, what went in, what came out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor


class BadCase(Exception):
    """A file or a case that cannot be checked; the message is one sentence and names it."""


class Keys:
    """Reads a configuration key by key and knows which were never asked for."""

    def __init__(self, config: dict, where: str):
        self._left, self._where = dict(config), where

    def take(self, key: str, default=None):
        """The value of a key, or `default`, as the official code's where the key is absent."""
        return self._left.pop(key, default)

    def need(self, key: str):
        """The value of a key.

        Raises:
            BadCase: it is absent.
        """
        if key not in self._left:
            raise BadCase(f"{self._where} lacks the key '{key}'.")
        return self._left.pop(key)

    def part(self, key: str) -> "Keys":
        """The configuration under a key."""
        return Keys(self.need(key), f"{self._where}.{key}")

    def ignore(self, *keys: str) -> None:
        """Keys that decide training, initial values or other parts, and nothing of what is checked."""
        for key in keys:
            self._left.pop(key, None)

    def expect(self, only, *keys: str, default=None) -> None:
        """Keys that may have one value alone; an absent one has `default`.

        Raises:
            BadCase: another value.
        """
        for key in keys:
            found = self._left.pop(key, default)
            if found != only:
                raise BadCase(f"{self._where} has {key} = {found!r}; only {only!r} can be checked.")

    def finish(self) -> None:
        """Nothing may be left.

        Raises:
            BadCase: a key that nobody read.
        """
        if self._left:
            raise BadCase(f"{self._where} has keys that are not known: {', '.join(sorted(self._left))}.")


@dataclass(frozen=True)
class Case:
    """A recorded case.

    Attributes:
        name: of the case, as in the file.
        seed: from which the weights are made.
        config: the network's configuration.
        note: what was run, in words.
        inputs, expected: arrays by name.
        state: shapes of the network's tensors by name, where they are listed.
    """

    name: str
    seed: int
    config: dict
    note: str
    inputs: dict[str, Tensor]
    expected: dict[str, Tensor]
    state: dict[str, list[int]] | None = None

    @property
    def keys(self) -> Keys:
        """A reader of the configuration."""
        return Keys(self.config, f"The configuration of the case '{self.name}'")

    def given(self, *names: str) -> tuple[Tensor, ...]:
        """Inputs by name, those that there are, all of which must be among the names.

        Raises:
            BadCase: an input of another name.
        """
        if odd := set(self.inputs) - set(names):
            raise BadCase(f"The case '{self.name}' has inputs that are not known: {', '.join(sorted(odd))}.")
        present = [self.inputs[name] for name in names if name in self.inputs]
        return tuple(value.float() if value.is_floating_point() else value for value in present)


def read_cases(file: Path) -> Iterator[Case]:
    """The cases of FILE.npz and FILE.json; `file` may end in either or in neither.

    Raises:
        BadCase: a file is missing or not of this format.
    """
    stem = file.with_suffix("") if file.suffix in (".npz", ".json") else file
    try:
        listed = json.loads(stem.with_name(stem.name + ".json").read_text(encoding="utf-8"))
        with np.load(stem.with_name(stem.name + ".npz")) as data:
            arrays = {name: data[name] for name in data.files}
        cases, seed = listed["cases"], listed["seed"]
    except (OSError, ValueError, KeyError) as error:
        raise BadCase(f"{stem}.npz and {stem}.json cannot be read as recorded cases ({error}).") from error
    for name, case in cases.items():
        yield case_of(name, seed, case, arrays)
    yield from unlisted(arrays, cases, seed)


def unlisted(arrays: dict[str, np.ndarray], cases: dict, seed: int) -> Iterator[Case]:
    """The case of the arrays that no case lists: noise schedules, "schedule/NAME_alphas_cumprod".

    Raises:
        BadCase: another array that no case lists.
    """
    rest = {key: value for key, value in arrays.items() if key.partition("/")[0] not in cases}
    if odd := [key for key in rest if not key.startswith("schedule/")]:
        raise BadCase(f"The arrays {', '.join(odd)} belong to no case.")
    if rest:
        expected = {key.partition("/")[2]: torch.from_numpy(value) for key, value in rest.items()}
        yield Case("schedule", seed, {"name": "schedule"}, "", {}, expected)


def case_of(name: str, seed: int, case: dict, arrays: dict[str, np.ndarray]) -> Case:
    """One case with its arrays.

    Raises:
        BadCase: an array is missing or of another shape than listed, or the case lacks a part.
    """
    try:
        parts = case["config"], case["inputs"], case["outputs"]
    except KeyError as error:
        raise BadCase(f"The case '{name}' lacks {error}.") from error

    def tensors(shapes: dict) -> dict[str, Tensor]:
        return {key: tensor_of(arrays, f"{name}/{key}", shape) for key, shape in shapes.items()}

    return Case(name, seed, parts[0], case.get("note", ""), tensors(parts[1]), tensors(parts[2]), case.get("state"))


def tensor_of(arrays: dict[str, np.ndarray], key: str, shape: list[int]) -> Tensor:
    """The array called `key`.

    Raises:
        BadCase: it is missing or of another shape.
    """
    if key not in arrays:
        raise BadCase(f"The array '{key}' is missing.")
    if list(arrays[key].shape) != list(shape):
        raise BadCase(f"The array '{key}' is {list(arrays[key].shape)}, listed as {shape}.")
    return torch.from_numpy(arrays[key])
