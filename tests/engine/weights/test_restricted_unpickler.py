# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits of numbers and shapes, and the operations that a table of tensors may use."""

import io
import pickle

import pytest

from blender_text3d.engine.weights.formats.restricted_unpickler import RestrictedUnpickler, is_shape, is_size


def load(pickled):
    return RestrictedUnpickler(io.BytesIO(pickled)).load()


@pytest.mark.parametrize("value", [0, 1, 2**63 - 1])
def test_a_size_is_an_integer_from_zero_to_the_largest_of_64_bits(value):
    assert is_size(value)


@pytest.mark.parametrize("value", [-1, 2**63, 1.0, True, False, None, "1", (1,)])
def test_anything_else_is_no_size(value):
    assert not is_size(value)


@pytest.mark.parametrize("values", [(), [], (3,), [2, 0], (1,) * 16])
def test_a_shape_has_up_to_sixteen_sizes(values):
    assert is_shape(values)


@pytest.mark.parametrize("values", [(1,) * 17, (-1,), (1, True), (2**63,), "12", {1: 2}, 3, None, range(2)])
def test_anything_else_is_no_shape(values):
    assert not is_shape(values)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_values_of_tables_are_read_in_every_protocol_that_torch_writes(protocol):
    shared = ["shared"]
    value = {"a": 1, "b": [2.5, -3, 300, 70_000, 2**40], "c": (), "d": (1, 2, 3, 4), "e": (True, False, None), 7: (),
             "f": [shared, shared, {}], "g": ((1,), (1, 2), [])}  # fmt: skip
    read = load(pickle.dumps(value, protocol=protocol))
    assert read == value
    assert read["f"][0] is read["f"][1]


def test_more_memo_entries_than_one_byte_counts_are_read():
    value = [[str(number)] for number in range(300)]
    assert load(pickle.dumps([value, value], protocol=2)) == [value, value]


@pytest.mark.parametrize("key", [(1,), -1, 2**63, 1.5, True, None])
@pytest.mark.parametrize("others", [{}, {"a": 1}])
def test_a_key_that_is_neither_text_nor_a_small_integer_is_refused(key, others):
    with pytest.raises(pickle.UnpicklingError, match="it has a key that is neither text nor a small integer"):
        load(pickle.dumps({key: 1} | others, protocol=2))


def test_the_values_of_a_table_may_be_anything():
    assert load(pickle.dumps({"a": (1,), "b": None, "c": 1.5}, protocol=2)) == {"a": (1,), "b": None, "c": 1.5}


@pytest.mark.parametrize(
    "value", [b"bytes", {1, 2}, frozenset({1}), bytearray(2), 2**3000], ids=["bytes", "set", "frozen", "array", "long"]
)
def test_other_values_are_refused(value):
    with pytest.raises(pickle.UnpicklingError, match="it uses an operation that a table of tensors does not need"):
        load(pickle.dumps(value, protocol=5))


def test_objects_and_their_states_are_refused():
    new_object = b"\x80\x02ccollections\nOrderedDict\n)\x81."
    with pytest.raises(pickle.UnpicklingError, match="it creates objects other than tensors"):
        load(new_object)
    with pytest.raises(pickle.UnpicklingError, match="it changes objects other than tables"):
        load(b"\x80\x02}}b.")
