# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker's environment is removed, or made anew, by another process while a worker of it is at work.

The environment is a small one of the round's own, which finds the packages in the worker's real one.
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
from ..random_moments import STAGES, moment_in, wait_for
from .concurrent_processes import program
from .worker_killed import made_again

SIDE = CHILDREN / "setup_process.py"


def small_environment(round_: Round) -> Path:
    """One that is ours, by its mark, and in which the worker runs."""
    env_dir = round_.folder / "worker-env"
    python, (real, base, version, purelib) = venv_python(env_dir / "1"), facts(round_)
    python.parent.mkdir(parents=True)
    python.symlink_to(real)
    (env_dir / "1" / "pyvenv.cfg").write_text(f"home = {base}\nversion = {version}\n", encoding="utf-8")
    names = {"base": str(env_dir / "1"), "platbase": str(env_dir / "1")}
    site = Path(sysconfig.get_path("purelib", "venv", vars=names))
    site.mkdir(parents=True)
    (site / "real.pth").write_text(purelib + "\n", encoding="utf-8")
    write_manifest(env_dir, Manifest("ready", "of another version", real, "1"))
    return env_dir


def facts(round_: Round) -> list[str]:
    """The base of the worker's real Python, the base's folder, its version, and where the real one has its packages."""
    ask = (
        "import os, platform, sys, sysconfig; base = os.path.realpath(sys.executable);"
        "print(base, os.path.dirname(base), platform.python_version(), sysconfig.get_path('purelib'), sep='\\n')"
    )
    said = subprocess.run([str(round_.bench.python), "-c", ask], capture_output=True, text=True, check=True)
    return said.stdout.splitlines()


def meanwhile(round_: Round, words: tuple[str, ...]) -> tuple[Path, subprocess.Popen]:
    """One job during which another process is started; gives the environment and that process, which has ended."""
    request, env_dir = (
        make_request(round_.chance.choice(tuple(STAGES)), round_.chance.randrange(4)),
        small_environment(round_),
    )
    expected = round_.bench.expected(request)
    session = Session(round_.folder / "jobs", worker_python(env_dir))
    try:
        moment = moment_in(round_.chance.choice(STAGES[request.model][1:]), request, round_)
        (job,) = session.submit([request])
        wait_for(moment, job, session)
        other = program(round_, *(word.format(env=env_dir, folder=round_.folder) for word in words))
        last = ended(session, [job])[job]
        require(last.kind == "finished" and digest(job) == expected, f"the job ended as {last}")
        other.wait(HANG_S)
        made_again(session, request, expected)
    finally:
        session.close()
        session.worker.kill()
    return env_dir, other


def removed(round_: Round) -> None:
    """Remove is refused while the worker lives, and works when it is gone."""
    remove = ("-m", "blender_text3d.environment", "remove", "--env", "{env}")
    env_dir, other = meanwhile(round_, remove)
    said, _ = other.communicate()
    require(other.returncode == 1 and "still runs" in said, f"removing ended with {other.returncode}: {said}")
    require(read_manifest(env_dir).state == "ready" and worker_python(env_dir).exists(), "the environment is damaged")
    again = program(round_, *(word.format(env=env_dir) for word in remove))
    said, _ = again.communicate(timeout=HANG_S)
    require(again.returncode == 0 and not env_dir.exists(), f"then removing ended with {again.returncode}: {said}")


def made_anew(round_: Round) -> None:
    """Set Up turns to a new environment; the worker's own stays as long as it lives."""
    env_dir, other = meanwhile(round_, (str(SIDE), "{env}", "{folder}"))
    said, errors = other.communicate()
    require(other.returncode == 0, f"set-up ended with {other.returncode}: {said} {errors}")
    require(worker_python(env_dir) == venv_python(env_dir / "2"), f"{worker_python(env_dir)} is in use")
    require(venv_python(env_dir / "1").exists(), "the worker's environment was taken from under it")
    shutil.rmtree(env_dir)


FAULTS = [
    Fault("Environment: Remove while its worker is at work, any stage", removed, is_dear=True),
    Fault("Environment: made anew while its worker is at work, any stage", made_anew, is_dear=True),
]
