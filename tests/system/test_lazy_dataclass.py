# SPDX-License-Identifier: GPL-3.0-or-later
"""Dataclasses that are compiled at their first use."""

import copy
import pickle
import subprocess
import sys
import threading
from dataclasses import FrozenInstanceError, asdict, field, fields, is_dataclass, replace
from pathlib import Path
from typing import ClassVar

import pytest

from blender_text3d.system.lazy_dataclass import lazy_dataclass

REPOSITORY = Path(__file__).parents[2]


def is_complete(cls):
    return isinstance(cls.__dict__["__dataclass_fields__"], dict)


def classes():
    """Return a new frozen class and a subclass, both not yet complete."""

    @lazy_dataclass(frozen=True, kw_only=True)
    class Base:
        """A base."""

        kind: ClassVar[str] = "base"
        parts: list[int] = field(default_factory=list)

    @lazy_dataclass(frozen=True, kw_only=True)
    class Event(Base):
        """A subclass."""

        kind = "event"
        name: str

    return Base, Event


@lazy_dataclass
class Pickled:
    """A class that pickle can find."""

    x: int
    y: int = 2


USES = {
    "instance": lambda event: event(name="a"),
    "fields": lambda event: fields(event),
    "is_dataclass": lambda event: is_dataclass(event),
}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_class_is_complete_after_its_first_use_and_its_base_too(use):
    base, event = classes()
    assert not is_complete(base)
    assert not is_complete(event)
    use(event)
    assert is_complete(base)
    assert is_complete(event)
    assert "__setstate__" not in event.__dict__


def test_a_base_is_used_without_its_subclass():
    base, event = classes()
    assert base().parts == []
    assert is_complete(base)
    assert not is_complete(event)
    assert [part.name for part in fields(event)] == ["parts", "name"]


def test_instances_behave_as_those_of_a_dataclass():
    _, event = classes()
    first = event(name="a", parts=[1])
    assert first == event(name="a", parts=[1]) != event(name="b")
    assert repr(first).endswith("Event(parts=[1], name='a')")
    assert asdict(replace(first, name="b")) == {"parts": [1], "name": "b"}
    assert event(name="a").parts is not event(name="a").parts
    with pytest.raises(FrozenInstanceError):
        first.name = "c"
    with pytest.raises(TypeError, match="name"):
        event()


def test_a_frozen_class_has_a_hash_and_a_changeable_one_has_none():
    @lazy_dataclass(frozen=True)
    class Key:
        x: int

    assert hash(Key(1)) == hash(Key(1))
    with pytest.raises(TypeError, match="unhashable"):
        hash(Pickled(1))


def test_post_init_and_match_work_at_the_first_instance():
    @lazy_dataclass
    class Doubled:
        x: int

        def __post_init__(self):
            self.x *= 2

    match Doubled(2):
        case Doubled(x):
            assert x == 4


def test_an_undecorated_subclass_may_call_the_base():
    base, _ = classes()

    class Own(base):
        def __init__(self):
            super().__init__(parts=[3])

    assert Own().parts == [3]


@pytest.fixture
def many_switches():
    """Threads take turns after each few instructions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_the_first_uses_of_two_threads_meet(many_switches):
    for _ in range(100):
        _, event = classes()
        made = []
        threads = [threading.Thread(target=lambda event=event, made=made: made.append(event(name="a"))) for _ in "1234"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert made == [event(name="a")] * 4


def test_a_pickle_is_read_by_a_process_that_has_not_used_the_class():
    program = """
import pickle, sys
from tests.system.test_lazy_dataclass import Pickled, is_complete
assert not is_complete(Pickled)
value = pickle.loads(bytes.fromhex(sys.argv[1]))
assert is_complete(Pickled)
print(value, value == Pickled(7), value == Pickled(8))
"""
    given = pickle.dumps(Pickled(7)).hex()
    done = subprocess.run([sys.executable, "-c", program, given], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.stdout == "Pickled(x=7, y=2) True False\n", done.stderr
    assert copy.deepcopy(Pickled(7)) == pickle.loads(bytes.fromhex(given)) == Pickled(7)
