#!/usr/bin/env bash
# Version: PyTorch 2.13.0 on a CPU
# Behavior: recompile_limit (8) counts compilations per code object, not per call of torch.compile. Modules of one class,
#   each compiled by a call of its own, share it, and so do functions that one helper wraps. What comes after the eighth
#   runs uncompiled though nothing was compiled twice: no exception, one logged warning for all of them. The option
#   isolate_recompiles, off by default, gives each call its own count.
# Output seen:
#   12 modules of one class: 8 compiled
#   12 functions wrapped by one helper: 8 compiled
#   12 functions of their own code: 12 compiled
#   12 modules of one class, isolate_recompiles: 12 compiled
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq torch==2.13.0 numpy==2.4.6
cd "$temp"
"$temp/venv/bin/python" - <<'PY'
import logging

import torch

COUNT = 12


class Counting:
    """A backend that runs a graph as it is, and counts the graphs."""

    def __init__(self):
        self.graphs = 0

    def __call__(self, graph, inputs):
        self.graphs += 1
        return graph.forward


def wrapped(function, backend):
    """A function compiled behind a wrapper, as helpers do that also set a precision."""

    def call(x):
        return function(x)

    return torch.compile(call, backend=backend)


def networks():
    """Different functions of one tensor, each a module of its own size."""
    return [torch.nn.Linear(4, size) for size in range(1, COUNT + 1)]


def compiled(make):
    """The number of graphs after each of the functions has been called once."""
    torch._dynamo.reset()
    backend = Counting()
    with torch.no_grad():
        for network in networks():
            function = make(network, backend)
            assert function(torch.ones(2, 4)).shape == (2, network.out_features)
    return backend.graphs


def own_code(network, backend):
    """A function with a code object that no other one has, compiled."""
    return torch.compile(eval("lambda x: network(x)", {"network": network}), backend=backend)


def directly(network, backend):
    """A module, compiled."""
    return torch.compile(network, backend=backend)


def isolated(network, backend):
    """A module, compiled apart from others."""
    return torch.compile(network, backend=backend, isolate_recompiles=True)


logging.getLogger("torch._dynamo").setLevel(logging.ERROR)
print("PyTorch", torch.__version__)
print("The limit of recompilations is shared by all that runs the same code:")
assert torch._dynamo.config.recompile_limit == 8
modules, shared, apart = compiled(directly), compiled(wrapped), compiled(own_code)
alone = compiled(isolated)
print(f"{COUNT} modules of one class: {modules} compiled")
print(f"{COUNT} functions wrapped by one helper: {shared} compiled")
print(f"{COUNT} functions of their own code: {apart} compiled")
print(f"{COUNT} modules of one class, isolate_recompiles: {alone} compiled")
assert modules == shared == 8, "they no longer share the limit"
assert apart == alone == COUNT
PY
