#!/usr/bin/env bash
# Version: PyTorch 2.13.0 on a CPU
# Behavior: constructing the first optimizer of a process imports torch._dynamo and, with it, SymPy and some 800 other
#   modules, although nothing is compiled. For a program that otherwise only infers, and takes a few optimizer steps on
#   an input of its own, that is most of the time: about a second of the processor. Autograd alone imports none of them, and
#   Adam's formulas by hand take the same steps.
# Output seen:
#   autograd: 0 modules of the compiler
#   optimizer: torch._dynamo and sympy imported, 823 modules more
#   largest difference of 20 steps by hand: 2.4e-07
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq torch==2.13.0 numpy==2.4.6
cd "$temp"
"$temp/venv/bin/python" - <<'PY'
import sys

import torch

RATE, MEAN_DECAY, SQUARE_DECAY = 0.1, 0.9, 0.999


def gradient(x):
    """The gradient of a function of x (3,) that is lowest at 1."""
    x = x.detach().requires_grad_()
    return torch.autograd.grad((x - 1).pow(4).sum(), x)[0]


def by_hand(x, steps):
    """Steps of Adam (Kingma and Ba 2015, algorithm 1)."""
    mean, square = torch.zeros_like(x), torch.zeros_like(x)
    for step in range(1, steps + 1):
        slope = gradient(x)
        mean = MEAN_DECAY * mean + (1 - MEAN_DECAY) * slope
        square = SQUARE_DECAY * square + (1 - SQUARE_DECAY) * slope.square()
        root = (square / (1 - SQUARE_DECAY**step)).sqrt() + 1e-8
        x = x - RATE * mean / (1 - MEAN_DECAY**step) / root
    return x


def compiler():
    """The modules of the compiler that are imported."""
    return [name for name in ("torch._dynamo", "sympy") if name in sys.modules]


print("PyTorch", torch.__version__)
print("The first optimizer of a process imports the compiler:")
start = torch.tensor([0.0, 2.0, 3.0])
ours, before = by_hand(start, 20), len(sys.modules)
print(f"autograd: {len(compiler())} modules of the compiler")
assert not compiler(), "autograd imports it already"
theirs = start.clone().requires_grad_()
optimizer = torch.optim.Adam([theirs], lr=RATE)
print(f"optimizer: {' and '.join(compiler())} imported, {len(sys.modules) - before} modules more")
assert len(compiler()) == 2 and len(sys.modules) - before > 300, "an optimizer no longer imports it"
for _ in range(20):
    theirs.grad = gradient(theirs)
    optimizer.step()
difference = (theirs.detach() - ours).abs().max().item()
print(f"largest difference of 20 steps by hand: {difference:.1e}")
assert difference < 1e-5
PY
