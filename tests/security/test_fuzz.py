# SPDX-License-Identifier: GPL-3.0-or-later
"""Any file content gives a result or the documented error with one sentence, and nothing else.

The same few cases in each run; TEXT3D_FUZZ_CASES=10000 generates that many new ones of each kind.
"""

import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save

from blender_text3d.client import recovery
from blender_text3d.client.event_tail import EventTail
from blender_text3d.engine.image.image_file import BadImage, read_image
from blender_text3d.engine.shap_e.saved_latent import WrongLatent, load_latent
from blender_text3d.engine.weights.errors import BrokenWeights
from blender_text3d.engine.weights.formats.contents import read_contents
from blender_text3d.engine.weights.formats.open_tensors import read_tensors
from blender_text3d.engine.weights.formats.torchscript import locate_tensors
from blender_text3d.geometry import load_geometry, load_views
from blender_text3d.protocol.create_job import create_job, request_file
from blender_text3d.protocol.errors import BadRequest, InvalidJob
from blender_text3d.protocol.events import KINDS, Failed, Finished, Progress, event_from_json
from blender_text3d.protocol.job_folder import JobFolder
from blender_text3d.protocol.request import Request, make_requests
from blender_text3d.system.console import sanitized
from tests.security.conftest import limited_memory
from tests.security.npz_files import MESH, POINTS, npz_of

CASES = int(os.environ.get("TEXT3D_FUZZ_CASES", "0"))
fuzz = settings(
    max_examples=CASES or 60,
    derandomize=not CASES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
(REQUEST,) = make_requests("a red chair", seed=5)
VALUES = REQUEST.to_values()
EVENTS = [
    Progress(stage="sample", index=1, total=2), Failed(message="a", reason="internal", fix="b"),
    Finished(elapsed_s=1.0, files={"mesh": "mesh.npz"}),
]  # fmt: skip

odd_numbers = st.one_of(st.integers(), st.floats(), st.sampled_from([10**400, -(10**400), 2**63, 2**31, 0, -1]))
odd_values = st.recursive(
    st.one_of(st.none(), st.booleans(), odd_numbers, st.text(max_size=40)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)),
    max_leaves=8,
)


@st.composite
def corrupted(draw, valid: bytes) -> bytes:
    """A valid file with some bytes changed, removed, inserted or duplicated."""
    content = bytearray(valid)
    for _ in range(draw(st.integers(1, 6))):
        index = draw(st.integers(0, max(len(content) - 1, 0)))
        length = draw(st.integers(0, 16))
        match draw(st.integers(0, 3)):
            case 0:
                content[index : index + 1] = draw(st.binary(min_size=1, max_size=1))
            case 1:
                del content[index : index + length]
            case 2:
                content[index:index] = draw(st.binary(max_size=16))
            case 3:
                content[index:index] = content[index : index + length]
    return bytes(content)


def corrupted_or_random(valid: bytes) -> st.SearchStrategy[bytes]:
    return st.one_of(corrupted(valid), corrupted(valid), corrupted(valid), st.binary(max_size=200))


def saved(write) -> bytes:
    file = io.BytesIO()
    write(file)
    return file.getvalue()


@pytest.fixture(scope="module", autouse=True)
def memory_limit():
    with limited_memory():
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def job(folder) -> JobFolder:
    return create_job(folder / "jobs", REQUEST)


def is_sentence(error: Exception) -> bool:
    return 0 < len(str(error)) < 1000 and "\n" not in str(error)


REQUEST_FILE = json.dumps(request_file("id", REQUEST)).encode()


@fuzz
@given(content=corrupted_or_random(REQUEST_FILE))
def test_any_bytes_for_a_request_file(job, content):
    job.request.write_bytes(content)
    try:
        assert isinstance(job.read_request(), Request)
    except InvalidJob as error:
        assert is_sentence(error)


@fuzz
@given(changes=st.dictionaries(st.sampled_from(sorted(VALUES)), odd_values, max_size=4), more=odd_values)
def test_any_values_for_a_request(job, changes, more):
    values = VALUES | changes
    job.request.write_text(json.dumps({"format": 1, "request": values, "more": more}))
    try:
        request = job.read_request()
    except InvalidJob as error:
        assert is_sentence(error)
    else:
        assert Request.from_json(request.to_json()) == request
    try:
        make_requests(**{name: values[name] for name in ("prompt", "image", "seed", "steps", "grid", "size_m")})
    except BadRequest as error:
        assert is_sentence(error)


@fuzz
@given(name=st.one_of(st.text(max_size=20), st.sampled_from(["..", "/", "\\", "a/..", "C:", "\0"])))
def test_any_name_for_a_file_of_a_job(job, name):
    try:
        assert job.own_file(name).parent == job.path
    except InvalidJob as error:
        assert is_sentence(error)
    try:
        assert job.input_file(name) in (None, job.request, job.journal)
    except InvalidJob as error:
        assert is_sentence(error)


@fuzz
@given(line=st.one_of(*(corrupted_or_random(event.to_json().encode()) for event in EVENTS)))
def test_any_bytes_for_an_event(line):
    event = event_from_json(line.decode("utf-8", "replace"))
    assert event is None or event_from_json(event.to_json()) == event


@fuzz
@given(kind=st.sampled_from(sorted(KINDS)), base=st.sampled_from(EVENTS), changes=st.dictionaries(
    st.sampled_from(["stage", "index", "of", "files", "message", "elapsed_s", "eta_s", "time", "pid", "host", "sigma"]),
    odd_values))  # fmt: skip
def test_any_values_for_an_event(kind, base, changes):
    event = event_from_json(json.dumps(json.loads(base.to_json()) | {"kind": kind} | changes))
    assert event is None or event_from_json(event.to_json()) == event
    assert event is None or sanitized(event.to_json()).isascii()


@fuzz
@given(
    pieces=st.lists(st.one_of(*(corrupted_or_random(event.to_json().encode() + b"\n") for event in EVENTS)), max_size=6)
)
def test_any_pieces_for_a_journal(job, pieces):
    job.journal.write_bytes(b"")
    tail, received = EventTail(job.journal), []
    for piece in pieces:
        with job.journal.open("ab") as file:
            file.write(piece)
        received += tail.new_events()
    with job.journal.open("ab") as file:
        file.write(b"\n")
    received += tail.new_events()
    known = job.events()
    assert [event.kind for event in known] == [event.kind for event in received[: len(known)]]
    assert recovery.state(job)


@fuzz
@given(content=corrupted_or_random(b'{"pid": 5, "parent": 4, "host": "here", "time": 1.5}'))
def test_any_bytes_for_a_claim(job, content):
    (job.path / "claim.json").write_bytes(content)
    assert job.claimed_by() is not None
    assert recovery.state(job)


@fuzz
@given(
    content=st.one_of(
        corrupted_or_random(npz_of(MESH)), corrupted_or_random(npz_of({"points": POINTS, "colors": POINTS}))
    )
)
def test_any_bytes_for_geometry(folder, content):
    (folder / "mesh.npz").write_bytes(content)
    for read in (load_geometry, load_views):
        try:
            assert all(len(array) <= len(content) for array in vars(read(folder / "mesh.npz")).values())
        except ValueError as error:
            assert is_sentence(error)


LATENT = saved(lambda file: np.savez(file, latent=np.ones(12, np.float32), weights_sha256=np.array("ab")))


@fuzz
@given(content=corrupted_or_random(LATENT))
def test_any_bytes_for_a_latent(folder, content):
    (folder / "latent.npz").write_bytes(content)
    try:
        assert load_latent(folder / "latent.npz", 12).values.shape == (12,)
    except WrongLatent as error:
        assert is_sentence(error)


TENSORS = {"a": torch.ones(2), "b": torch.ones(2, 2)}
CHECKPOINT = saved(lambda file: torch.save(TENSORS, file))


@fuzz
@given(content=st.one_of(corrupted_or_random(save(TENSORS)), corrupted_or_random(CHECKPOINT)))
def test_any_bytes_for_weights(folder, content):
    (folder / "net.pt").write_bytes(content)
    for read in (read_contents, locate_tensors, read_tensors):
        try:
            read(folder / "net.pt")
        except BrokenWeights as error:
            assert is_sentence(error)


def image_of(format_name: str) -> bytes:
    from PIL import Image

    return saved(lambda file: Image.new("RGB", (20, 20), (200, 3, 90)).save(file, format_name))


@fuzz
@given(content=st.one_of(*(corrupted_or_random(image_of(name)) for name in ("PNG", "JPEG", "WEBP"))))
def test_any_bytes_for_an_image(folder, content):
    (folder / "a.png").write_bytes(content)
    try:
        assert read_image(folder / "a.png")[0].mode == "RGBA"
    except BadImage as error:
        assert is_sentence(error)
