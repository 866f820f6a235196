# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment is removed or replaced by another process while its worker is running.

Each round has its own small environment, which uses the packages of the worker's real one.
"""

import shutil
import subprocess
import sysconfig
from pathlib import Path

from blender_text3d.client.session import Session
from blender_text3d.environment.manifest import Manifest, read_manifest, write_manifest
from blender_text3d.environment.paths import venv_python, worker_python

from ..fault import CHILDREN, Fault, Round, require
from ..follow_jobs import HANG_S, ended
from ..harness import digest, make_request
from ..random_moments import STAGES, random_moment, wait_for
from .concurrent_processes import program
from .worker_killed import check_next_job

PROGRAM = CHILDREN / "setup_process.py"


def small_environment(round_: Round) -> Path:
    """Create an environment with a manifest of the add-on, in which the worker can run."""
    env_dir = round_.folder / "worker-env"
    python, (real, base, version, purelib) = venv_python(env_dir / "1"), python_facts(round_)
    python.parent.mkdir(parents=True)
    python.symlink_to(real)
    (env_dir / "1" / "pyvenv.cfg").write_text(f"home = {base}\nversion = {version}\n", encoding="utf-8")
    names = {"base": str(env_dir / "1"), "platbase": str(env_dir / "1")}
    site = Path(sysconfig.get_path("purelib", "venv", vars=names))
    site.mkdir(parents=True)
    (site / "real.pth").write_text(purelib + "\n", encoding="utf-8")
    write_manifest(env_dir, Manifest("ready", "of another version", real, "1"))
    return env_dir


def python_facts(round_: Round) -> list[str]:
    """Return the base of the worker's real Python, its folder, its version, and the folder of the real packages."""
    ask = (
        "import os, platform, sys, sysconfig; base = os.path.realpath(sys.executable);"
        "print(base, os.path.dirname(base), platform.python_version(), sysconfig.get_path('purelib'), sep='\\n')"
    )
    output = subprocess.run([str(round_.harness.python), "-c", ask], capture_output=True, text=True, check=True)
    return output.stdout.splitlines()


def run_during_job(round_: Round, arguments: tuple[str, ...]) -> tuple[Path, subprocess.Popen]:
    """Start another process during a job; returns the environment and the process, which has exited."""
    request, env_dir = (
        make_request(round_.rng.choice(tuple(STAGES)), round_.rng.randrange(4)),
        small_environment(round_),
    )
    expected = round_.harness.expected(request)
    session = Session(round_.folder / "jobs", worker_python(env_dir))
    try:
        moment = random_moment(round_.rng.choice(STAGES[request.model][1:]), request, round_)
        (job,) = session.submit([request])
        wait_for(moment, job, session)
        other = program(round_, *(argument.format(env=env_dir, folder=round_.folder) for argument in arguments))
        last = ended(session, [job])[job]
        require(last.kind == "finished" and digest(job) == expected, f"the job ended as {last}")
        other.wait(HANG_S)
        check_next_job(session, request, expected)
    finally:
        session.close()
        session.worker.kill()
    return env_dir, other


def removed(round_: Round) -> None:
    """Removing is refused while the worker is running, and works after it has exited."""
    remove = ("-m", "blender_text3d.environment", "remove", "--env", "{env}")
    env_dir, other = run_during_job(round_, remove)
    output, _ = other.communicate()
    require(other.returncode == 1 and "still runs" in output, f"removing ended with {other.returncode}: {output}")
    require(read_manifest(env_dir).state == "ready" and worker_python(env_dir).exists(), "the environment is damaged")
    again = program(round_, *(argument.format(env=env_dir) for argument in remove))
    output, _ = again.communicate(timeout=HANG_S)
    require(again.returncode == 0 and not env_dir.exists(), f"then removing ended with {again.returncode}: {output}")


def replaced(round_: Round) -> None:
    """Set Up switches to a new environment, and keeps the old one while its worker is running."""
    env_dir, other = run_during_job(round_, (str(PROGRAM), "{env}", "{folder}"))
    output, errors = other.communicate()
    require(other.returncode == 0, f"set-up ended with {other.returncode}: {output} {errors}")
    require(worker_python(env_dir) == venv_python(env_dir / "2"), f"{worker_python(env_dir)} is used")
    require(venv_python(env_dir / "1").exists(), "the environment was removed while its worker was running")
    shutil.rmtree(env_dir)


FAULTS = [
    Fault("Environment: Remove while its worker is running, any stage", removed, is_slow=True),
    Fault("Environment: replaced while its worker is running, any stage", replaced, is_slow=True),
]
