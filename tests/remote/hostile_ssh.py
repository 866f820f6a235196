"""A program in place of ssh, whose other end sends what a test wants: it greets like the bootstrap and the agent."""

import sys
from pathlib import Path

PROGRAM = """
import hashlib, json, sys, time
sys.path.insert(0, {repository!r})
from blender_text3d.protocol.version import ENGINE_VERSION
from blender_text3d.remote import bootstrap
from blender_text3d.remote.frames import PROTOCOL, frame_bytes, read_frame
stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
def say(data):
    stdout.write(data)
    stdout.flush()
stdin.read(int(stdin.readline()))
say(bootstrap.MARK + b"\\n")
stdin.readline()
say(b'{{"need": []}}\\n{{"ready": true}}\\n')
say(frame_bytes("hello", version=ENGINE_VERSION, protocol=PROTOCOL, time=time.time() - 5e8))
def event(number, kind, **values):
    values |= dict(kind=kind, time=time.time() - 5e8)
    return frame_bytes("event", key=key, number=number, event=json.dumps(values))
def file(name, content=b"x", **changes):
    values = dict(key=key, name=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())
    return frame_bytes("file", **(values | changes)) + frame_bytes("chunk", content)
while frame := read_frame(stdin):
    if frame.kind == "open":
        key = frame.text("key")
        say(frame_bytes("state", key=key, state="present"))
    elif frame.kind == "do":
        say(frame_bytes("claimed", key=key))
{hostile}
"""


def hostile_ssh(folder: Path, hostile: str) -> str:
    """Write the program, which runs these lines once a job is offered; returns its path."""
    program = folder / "ssh.py"
    lines = "\n".join(f"        {line}" for line in hostile.strip().splitlines())
    program.write_text(PROGRAM.format(repository=str(Path(__file__).parents[2]), hostile=lines))
    return f"{sys.executable} {program}"
