# SPDX-License-Identifier: GPL-3.0-or-later
"""Several processes share one jobs folder, or one weights folder."""

import json
import os
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from blender_text3d.client import recovery
from blender_text3d.protocol.events import Finished, Started

from ..fault import CHILDREN, Fault, Round, require
from ..harness import make_request

REPOSITORY = Path(__file__).resolve().parents[3]
TIMEOUT_S = 900
WEIGHTS_BYTES = 3_000_000


def program(round_: Round, *arguments: str) -> subprocess.Popen:
    """Start a process in the worker's Python and capture its output."""
    variables = os.environ | {"PYTHONPATH": str(REPOSITORY), "TEXT3D_WORKER_PYTHON": str(round_.harness.python)}
    return subprocess.Popen(
        [str(round_.harness.python), *arguments], cwd=REPOSITORY, env=variables, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def outputs_of(programs: list[subprocess.Popen]) -> list[str]:
    """Return the output of each process once all have exited successfully.

    Raises:
        InvariantViolated: A process failed.
    """
    outputs = [one.communicate(timeout=TIMEOUT_S) for one in programs]
    for one, (_, errors) in zip(programs, outputs, strict=True):
        require(one.returncode == 0 and "Traceback" not in errors, f"{one.args} ended with {one.returncode}: {errors}")
    return [out for out, _ in outputs]


def one_jobs_folder(round_: Round) -> None:
    """Two followers, a terminal and a batch: every job runs once, in one worker."""
    jobs, out = round_.folder / "jobs", round_.folder / "out"
    (round_.folder / "prompts.txt").write_text("a red chair\na tree\n", encoding="utf-8")
    follow = str(CHILDREN / "follow_process.py")
    options = ("--jobs-dir", str(jobs), "--quality", "draft")
    programs = [
        program(round_, follow, str(jobs), str(round_.harness.python), "0", "1"),
        program(round_, follow, str(jobs), str(round_.harness.python), "1", "2"),
        program(round_, "scripts/generate.py", "a blue car", "--count", "2", "--seed", "3", *options),
        program(
            round_,
            "scripts/batch_generate.py",
            "--prompts-file",
            str(round_.folder / "prompts.txt"),
            "--out",
            str(out),
            *options,
        ),
    ]
    outputs = outputs_of(programs)
    folders = recovery.job_folders(jobs)
    require(len(folders) == 8, f"{len(folders)} jobs options 8 were submitted")
    for job in folders:
        events = job.events()
        require(isinstance(events[-1], Finished), f"{job.job_id} ended as {events[-1]}")
        require(sum(isinstance(event, Started) for event in events) == 1, f"{job.job_id} was started twice")
    for number, digest in [pair for line in outputs[:2] for pair in json.loads(line)]:
        require(digest == round_.harness.expected(make_request(number=number)), f"object {number} differs")
    require(len(list(out.glob("*.glb"))) == 2, "a file of the batch is missing")


class Server(ThreadingHTTPServer):
    """HTTP server that sends one file slowly and counts the bytes sent."""

    daemon_threads = True

    def __init__(self, content: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.given, self.lock = content, 0, threading.Lock()

    def handle_error(self, *_: object) -> None:
        """Ignore errors: a client was killed."""


class Handler(BaseHTTPRequestHandler):
    """Handler for complete files and ranges."""

    def do_GET(self) -> None:
        content = self.server.content
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.send_header("ETag", '"one"')
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.end_headers()
        for place in range(start, len(content), 1 << 16):
            block = content[place : place + (1 << 16)]
            self.wfile.write(block)
            with self.server.lock:
                self.server.given += len(block)
            threading.Event().wait(0.02)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def one_download(round_: Round) -> None:
    """Four processes download one file, one of them is killed: the file is transferred once, and all others have it."""
    content = weights(round_.rng.randrange(2**31))
    server = Server(content)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    fetch = str(CHILDREN / "download_process.py")
    url = f"http://127.0.0.1:{server.server_address[1]}/net.pt"
    programs = [program(round_, fetch, url, str(round_.folder), str(len(content))) for _ in range(4)]
    victim = programs.pop(round_.rng.randrange(4))
    threading.Event().wait(round_.rng.uniform(0.5, 4))
    victim.kill()
    victim.communicate()
    paths = {line.strip() for line in outputs_of(programs)}
    server.shutdown()
    server.server_close()
    require(len(paths) == 1 and Path(paths.pop()).read_bytes() == content, "a process has no file or a wrong one")
    require(server.given <= len(content) + 2**21, f"{server.given:,} bytes came options the file has {len(content):,}")


def weights(seed: int) -> bytes:
    """Return a safetensors file."""
    import numpy as np
    from safetensors.numpy import save

    return save({"weight": np.random.default_rng(seed).random(WEIGHTS_BYTES // 8)})


FAULTS = [
    Fault("Crowd: two followers, a terminal and a batch on one jobs folder", one_jobs_folder, is_slow=True),
    Fault("Crowd: four processes fetch one file, one is killed", one_download),
]
