# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of the package survive pickling, by which Ray carries them from a node to the driver."""

import importlib
import inspect
import pickle
import pkgutil

import pytest

import blender_text3d
from blender_text3d.batch.cluster.errors import UnfitNode

IN_BLENDER = ("addon", "scene")
ARGUMENTS = {
    "EmptySurface": ("a chair", 3),
    "MissingWeights": (("clip",), "a sentence"),
    "SetupFailed": ("a sentence.", "another"),
    "SmokeTestFailed": ("a sentence.", "another"),
}


def error_classes():
    """Return every exception class of the package that is defined outside of Blender."""
    found = {}
    for module in pkgutil.walk_packages(blender_text3d.__path__, "blender_text3d."):
        if module.name.split(".")[1] in IN_BLENDER or module.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(module.name)).values():
            if inspect.isclass(value) and issubclass(value, BaseException) and value.__module__ == module.name:
                found[f"{module.name}.{value.__name__}"] = value
    return found


CLASSES = error_classes()


def test_the_errors_of_the_package_are_found():
    assert len(CLASSES) > 25


@pytest.mark.parametrize("name", CLASSES)
def test_an_error_keeps_its_message_when_it_is_pickled(name):
    kind = CLASSES[name]
    error = kind(*ARGUMENTS.get(kind.__name__, ("a sentence",)))
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (kind, str(error))
    assert vars(again).keys() == vars(error).keys()


def test_an_error_of_a_node_is_a_sentence():
    assert str(pickle.loads(pickle.dumps(UnfitNode("No disk. Add one.")))) == "No disk. Add one."
