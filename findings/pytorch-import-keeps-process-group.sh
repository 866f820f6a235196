#!/usr/bin/env bash
# Version: PyTorch 2.13.0 on a CPU, Linux
# Behavior: torch.distributed.nn.functional has the default process group as a default value of its functions, the one of
#   the moment when it is imported. The first optimizer step of a process imports it (by way of torch._dynamo), which in most
#   programs is after init_process_group. Then destroy_process_group returns, is_initialized is False, and the threads
#   of gloo go on until the interpreter ends. Imported before the group is made, they end with the group.
# Output seen:
#   no optimizer: 0 threads of gloo left
#   an optimizer's step: 3 threads of gloo left
#   the module imported first, then an optimizer's step: 0 threads of gloo left
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq torch==2.13.0 numpy==2.4.6
cd "$temp"
cat > group.py <<'PY'
"""Prints the threads of gloo that are left after destroy_process_group; the arguments say what else happens."""

import sys
from pathlib import Path

import torch
from torch import distributed


def gloo_threads():
    names = (task.read_text() for task in Path("/proc/self/task").glob("*/comm"))
    return sum("gloo" in name for name in names)


if "import-first" in sys.argv:
    import torch.distributed.nn.functional
network = torch.nn.Linear(2, 1)
network(torch.ones(1, 2)).sum().backward()
store = distributed.HashStore()
distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
assert gloo_threads() == 3
if "step" in sys.argv:
    torch.optim.SGD(network.parameters(), 0.1).step()
distributed.destroy_process_group()
assert not distributed.is_initialized()
print(gloo_threads())
PY
"$temp/venv/bin/python" -c 'import torch; print("PyTorch", torch.__version__)'
echo "After destroy_process_group:"
nothing=$("$temp/venv/bin/python" group.py)
step=$("$temp/venv/bin/python" group.py step)
first=$("$temp/venv/bin/python" group.py import-first step)
echo "no optimizer: $nothing threads of gloo left"
echo "an optimizer's step: $step threads of gloo left"
echo "the module imported first, then an optimizer's step: $first threads of gloo left"
[ "$nothing" = 0 ] && [ "$step" = 3 ] && [ "$first" = 0 ]
