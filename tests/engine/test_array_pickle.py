"""The reader of pickles that cannot run one. Pickles are made by Python's own writer."""

from __future__ import annotations

import contextlib
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from engine.errors import EngineError, MotionFileError
from engine.formats.array_pickle import NotArrays, load, read_array_pickle

PROTOCOLS = (2, 3, 4, 5)
DTYPES = ("<f4", ">f8", "<f2", "<i8", ">i4", "|u1", "|i1", "|b1", "<u2")

arrays = st.sampled_from(DTYPES).flatmap(lambda d: npst.arrays(np.dtype(d), npst.array_shapes(min_dims=0, max_side=4)))
leaves = (
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False)
    | st.text(max_size=300) | arrays
)  # fmt: skip
things = st.recursive(leaves, lambda s: st.lists(s, max_size=4) | st.dictionaries(st.text(max_size=8), s, max_size=4))


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return (
            isinstance(one, np.ndarray | np.generic) and isinstance(other, np.ndarray | np.generic)
            and one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
        )  # fmt: skip
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


@given(things, st.sampled_from(PROTOCOLS))
@settings(max_examples=150)
def test_arrays_and_plain_things_come_back_as_they_were(thing, protocol):
    assert same(load(pickle.dumps(thing, protocol)), thing)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_fortran_order_scalars_and_shared_arrays_come_back(protocol):
    turned = np.asfortranarray(np.arange(12.0).reshape(3, 4))
    thing = {"a": turned, "b": turned, "scalar": np.float32(1.5), "pair": (1, 2.0), "empty": np.zeros((0, 3))}

    found = load(pickle.dumps(thing, protocol))

    np.testing.assert_array_equal(found["a"], turned)
    assert found["a"] is found["b"]
    assert found["scalar"] == 1.5
    assert found["pair"] == [1, 2.0]
    assert found["empty"].shape == (0, 3)


@pytest.mark.parametrize("package", ["numpy.core", "numpy._core"])
def test_the_module_names_of_old_and_new_numpy_are_the_same(package):
    parts = [
        b"\x80\x02c%s.multiarray\n_reconstruct\n" % package.encode(), b"cnumpy\nndarray\n", b"K\x00\x85C\x01b\x87R",
        b"(K\x01K\x02\x85cnumpy\ndtype\n", b"X\x02\x00\x00\x00f4\x89\x88\x87R",
        b"(K\x03X\x01\x00\x00\x00<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb",
        b"\x89C\x08", np.array([1.5, -2.0], "<f4").tobytes(), b"tb.",
    ]  # fmt: skip

    np.testing.assert_array_equal(load(b"".join(parts)), [1.5, -2.0])


class Harmful:
    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("echo harm > harm.txt",)


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "thing",
    [Harmful(), [np.zeros(2), Harmful()], np.array([Harmful(), 1], dtype=object), np.array(["a"]), {1, 2}, 1j,
     os.path.join, np.zeros(2, dtype=[("a", "f4")]), 2**200, {"key": Harmful}, {3: 4}],
    ids=["call", "call in a list", "objects", "texts", "set", "complex", "function", "records", "huge", "class", "key"],
)  # fmt: skip
def test_everything_else_is_refused_in_a_sentence_and_nothing_runs(tmp_path, monkeypatch, thing, protocol):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "dance.pkl"
    path.write_bytes(pickle.dumps(thing, protocol))

    with pytest.raises(MotionFileError, match=r"^dance\.pkl: .*\.$"):
        read_array_pickle(path)

    assert [p.name for p in tmp_path.iterdir()] == ["dance.pkl"]


THING = {"a": np.arange(6.0).reshape(2, 3), "b": [1, "x", (2.5, None)], "c": np.int32(4)}
SOUND = [pickle.dumps(THING, protocol) for protocol in PROTOCOLS]


@given(st.data())
@settings(max_examples=300)
def test_damaged_pickles_raise_nothing_but_their_own_error(data):
    sound = bytearray(data.draw(st.sampled_from(SOUND)))
    for _ in range(data.draw(st.integers(1, 4))):
        sound[data.draw(st.integers(0, len(sound) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(sound)))

    for damaged in (bytes(sound), bytes(sound[:cut])):
        with contextlib.suppress(NotArrays):
            load(damaged)


@given(st.binary(max_size=200))
def test_noise_raises_nothing_but_its_own_error(noise):
    for data in (noise, b"\x80\x04" + noise):
        with contextlib.suppress(NotArrays):
            load(data)


def test_a_small_file_cannot_ask_for_much_memory():
    wide = b"\x80\x02(" + b"K\x01" * 1000 + b"tq\x00"
    many = wide + b"(" + b"h\x00" * 50_000 + b"l."  # fifty thousand times the same tuple of a thousand

    found = load(many)

    assert len(found) == 50_000
    assert len({id(item) for item in found}) == 1
    with pytest.raises(NotArrays):
        load(b"\x80\x02\x8e" + (2**60).to_bytes(8, "little") + b".")


def test_a_list_in_itself_is_read_and_harms_nothing():
    knot: list[object] = [1.0]
    knot.append(knot)

    found = load(pickle.dumps(knot))

    assert found[1] is found


def test_a_missing_file_is_a_sentence(tmp_path: Path):
    with pytest.raises(EngineError, match="cannot be read"):
        read_array_pickle(tmp_path / "none.pkl")
