#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Make a list's objects as a SLURM array: each task makes one part of the list. From the folder of Text3D:
#
#     sbatch --array=1-50 scripts/schedulers/slurm/generate_array.sh --jobs prompts.csv --out objects --quality draft
#
# All options are those of scripts/generate.py --jobs. To make what is missing, submit the same line again.
# Variables: TEXT3D_FOLDER, the folder of Text3D if it is not that of sbatch; TEXT3D_PYTHON, a Python (python3).
#SBATCH --job-name=text3d
#SBATCH --cpus-per-task=2
#SBATCH --signal=B:TERM@60
#SBATCH --requeue
set -euo pipefail

refuse() {
    echo "$1" >&2
    exit 2
}

for name in ID MIN MAX COUNT; do
    variable=SLURM_ARRAY_TASK_$name
    [[ ${!variable-} =~ ^[0-9]{1,9}$ ]] ||
        refuse "$variable is not set to a number. Submit this script with: sbatch --array=1-50 generate_array.sh --jobs LIST --out FOLDER"
done
[ $((SLURM_ARRAY_TASK_MAX - SLURM_ARRAY_TASK_MIN + 1)) = "$SLURM_ARRAY_TASK_COUNT" ] ||
    refuse "The array has gaps. Submit the whole array again, such as --array=1-50: what is made is not made twice."

# sbatch runs a copy of this script, so its own place says nothing.
program=${TEXT3D_FOLDER:-${SLURM_SUBMIT_DIR:-$PWD}}
[ -f "$program/scripts/generate.py" ] ||
    refuse "$program has no scripts/generate.py. Submit from the folder of Text3D, or set TEXT3D_FOLDER to it."

if [ -n "${SLURM_CPUS_PER_TASK-}" ]; then
    export OMP_NUM_THREADS="${OMP_NUM_THREADS:-$SLURM_CPUS_PER_TASK}"
fi
part=$((SLURM_ARRAY_TASK_ID - SLURM_ARRAY_TASK_MIN + 1))/$SLURM_ARRAY_TASK_COUNT
# exec, so that SLURM's signals reach the program and not this shell.
exec "${TEXT3D_PYTHON:-python3}" -B "$program/scripts/generate.py" --part "$part" "$@"
