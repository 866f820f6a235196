#!/usr/bin/env bash
# Version: Ray 2.60.0 with PyTorch 2.13.0
# Behavior: a task that asks for num_cpus=2 gets OMP_NUM_THREADS=2 in its environment, yet where Ray gives it a worker
#   process in which an earlier task of one CPU has imported torch, torch goes on with one thread: torch read the
#   variable when it was imported. What a task computes with so depends on what ran in its process before.
# Output seen:
#   num_cpus=1: OMP_NUM_THREADS 1, torch threads 1
#   num_cpus=2, same process: OMP_NUM_THREADS 2, torch threads 1
#   num_cpus=2, fresh process: OMP_NUM_THREADS 2, torch threads 2
set -euo pipefail
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
python3 -m venv "$temp/venv"
"$temp/venv/bin/pip" install -qq ray==2.60.0 torch==2.13.0 numpy==2.4.6
export HOME=$temp RAY_USAGE_STATS_ENABLED=0
unset OMP_NUM_THREADS MKL_NUM_THREADS
"$temp/venv/bin/python" - "$temp/ray" <<'PY'
import sys

import ray

ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR", _temp_dir=sys.argv[1])


@ray.remote
def threads():
    import os

    import torch

    return os.getpid(), (os.environ.get("OMP_NUM_THREADS"), torch.get_num_threads())


def run(**options):
    return ray.get(threads.options(**options).remote())


print("Ray", ray.__version__)
print("torch in a used worker does not get the CPUs that a task asks for:")
seen = dict(run(num_cpus=1) for _ in range(8))
for _ in range(20):  # Ray may have started processes that no task has used yet
    used_pid, used = run(num_cpus=2)
    if used_pid in seen:
        break
assert used_pid in seen, "no process was used twice"
fresh_pid, fresh = run(num_cpus=2, runtime_env={"env_vars": {"A_PROCESS_OF": "ITS_OWN"}})
assert fresh_pid not in seen, "the last process was not a fresh one"
for what, got in (("1", seen[used_pid]), ("2, same process", used), ("2, fresh process", fresh)):
    print(f"num_cpus={what}: OMP_NUM_THREADS {got[0]}, torch threads {got[1]}")
ray.shutdown()
assert seen[used_pid] == ("1", 1), "a task of one CPU has other threads"
assert used == ("2", 1), "the used process follows the task now"
assert fresh == ("2", 2), "the fresh process has other threads"
PY
