# SPDX-License-Identifier: GPL-3.0-or-later
"""A second run learns from indexes alone what was made, however much it is."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from blender_text3d.batch.__main__ import options_from
from blender_text3d.batch.manifest import write_manifest
from blender_text3d.batch.object_store import ObjectStore
from blender_text3d.batch.orders import chunk_of
from blender_text3d.batch.prompt_lists.prompt_list import read_prompt_list
from blender_text3d.batch.shard_index import write_index

OBJECTS, PER_SHARD = 5000, 1000
RECORD = """
import json, sys
from pathlib import Path
from blender_text3d.batch.__main__ import main

out, log, seen = Path(sys.argv[1]), Path(sys.argv[2]), []


def note(name, values):
    if name in ("open", "is_file", "os.listdir", "os.scandir") and str(values[0]).startswith(str(out)):
        seen.append((name, str(Path(values[0]).relative_to(out))))


def asked(path, real=Path.is_file):
    note("is_file", [path])
    return real(path)


sys.addaudithook(note)
Path.is_file = asked
code = main(["--jobs", str(out.parent / "chunk.jsonl"), "--out", str(out)])
log.write_text(json.dumps(seen))
sys.exit(code)
"""


@pytest.fixture
def out(tmp_path):
    """A folder with the shards and the manifest of a chunk that was made."""
    (tmp_path / "chunk.jsonl").write_text("\n".join(json.dumps({"prompt": f"chair {n}"}) for n in range(OBJECTS)))
    options = options_from(["--jobs", str(tmp_path / "chunk.jsonl"), "--out", str(tmp_path / "out")])
    names = [order.object_id for order in chunk_of(read_prompt_list(options.jobs).rows, options).orders]
    store = ObjectStore(tmp_path / "out")
    store.shards.folder.mkdir()
    for start in range(0, OBJECTS, PER_SHARD):
        shard = store.shards.folder / f"{start // PER_SHARD:06d}.tar"
        shard.write_bytes(b"0")
        os.truncate(shard, 10**8)  # sparse
        facts = {"prompt": "a chair", "parameters": {}, "box_m": [1, 1, 1], "files": {}, "shard": shard.name}
        write_index(shard, [{"id": name, **facts} for name in names[start : start + PER_SHARD]])
    write_manifest(store)
    return store.out


def test_a_resumed_run_opens_each_index_once_and_no_shard_or_object(out, tmp_path):
    command = [sys.executable, "-c", RECORD, out, tmp_path / "log.json"]
    process = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert (process.returncode, f"0 made, {OBJECTS} existed" in process.stderr) == (0, True), process.stderr[-2000:]
    seen = Counter((name, path) for name, path in json.loads((tmp_path / "log.json").read_text()))
    indexes = {f"shards/{number:06d}.index.jsonl" for number in range(OBJECTS // PER_SHARD)}
    opened = Counter(path for name, path in seen.elements() if name == "open")
    assert {path: count for path, count in opened.items() if path.startswith("shards/0")} == dict.fromkeys(indexes, 1)
    assert not [path for path in opened if path.startswith("objects/")]
    listed = Counter(path for name, path in seen.elements() if name.startswith("os."))
    assert not [path for name, path in seen if name == "is_file" and path.startswith("objects/")]
    assert set(listed) <= {"shards", "objects", ".work"} | {path for path in listed if path.startswith(".work/")}
    assert listed.total() < 20
