"""Whatever the bytes, a BVH file is read or refused with MotionFileError; nothing else ever comes out."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.errors import MotionFileError
from engine.formats import bvh
from tests.engine.bvh_samples import HEAD, SAMPLE

KEYWORDS = "HIERARCHY ROOT JOINT End Site OFFSET CHANNELS MOTION Frames: Frame Time: { } Xposition Zrotation Yscale"
NUMBERS = "0 1 3 6 -1 0.5 1e5 1e300 1e-300 nan inf 99999999999999999999"
WORDS = st.sampled_from([*KEYWORDS.split(), *NUMBERS.split(), "a", "Hips", "\n", "\t", "\r", "\x00", ",", "é"])
WHOLE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=150)


def read_or_refuse(folder, data: bytes) -> None:
    path = folder / "fuzz.bvh"
    path.write_bytes(data)
    try:
        motion = bvh.read(path)
    except MotionFileError as error:
        sentence = str(error)
    else:
        assert np.all(np.isfinite(motion.positions_m()))
        assert 0.0 < motion.frame_rate_hz < 1e6
        return
    assert sentence.startswith("fuzz.bvh")
    assert sentence.endswith(".")


@WHOLE
@given(data=st.binary(max_size=300))
def test_any_bytes(tmp_path, data):
    read_or_refuse(tmp_path, data)


@WHOLE
@given(data=st.binary(max_size=120))
def test_any_bytes_after_a_skeleton(tmp_path, data):
    read_or_refuse(tmp_path, HEAD.encode() + b"MOTION\n" + data)


@WHOLE
@given(words=st.lists(WORDS, max_size=60))
@example(words=["HIERARCHY", "ROOT", "\n", "{", "}", "MOTION", "Frames:", "3", "1", "2", "3"])
@example(words=["HIERARCHY", "ROOT", "{", "CHANNELS", "1", "Yscale", "}", "MOTION", "1", "2", "3"])
def test_any_words(tmp_path, words):
    read_or_refuse(tmp_path, " ".join(["HIERARCHY", "ROOT", "a", "{", *words]).encode())


@WHOLE
@given(at=st.integers(0, len(SAMPLE)), length=st.integers(0, 80), word=WORDS, times=st.integers(0, 3))
def test_a_good_file_with_a_piece_replaced(tmp_path, at, length, word, times):
    read_or_refuse(tmp_path, (SAMPLE[:at] + " ".join([word] * times) + SAMPLE[at + length :]).encode())


@WHOLE
@given(flips=st.lists(st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)), min_size=1, max_size=12))
def test_a_good_file_with_bytes_changed(tmp_path, flips):
    data = bytearray(SAMPLE.encode())
    for at, byte in flips:
        data[at] = byte
    read_or_refuse(tmp_path, bytes(data))


@WHOLE
@given(begin=st.integers(0, len(SAMPLE)), end=st.integers(0, len(SAMPLE)), to=st.integers(0, len(SAMPLE)))
def test_a_good_file_with_a_piece_moved(tmp_path, begin, end, to):
    piece, rest = SAMPLE[begin:end], SAMPLE[:begin] + SAMPLE[end:]
    read_or_refuse(tmp_path, (rest[:to] + piece + rest[to:]).encode())
