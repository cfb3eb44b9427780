import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.formats import number_text
from engine.formats.number_text import NotANumber, read_number, read_numbers

SPELLINGS = st.one_of(
    st.floats(-1e6, 1e6).map("{:.6f}".format),
    st.floats(-1e3, 1e3).map("{:.4f}".format),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-1e9, 1e9).map("{:+.3E}".format),
    st.integers(-(10**20), 10**20).map(str),
    st.sampled_from(["-0", "+.5", "5.", "-.25e-3", "000.100", "-0.0", "0.016666666666666666"]),
)
GAPS = st.sampled_from([" ", "  ", "\t", "\n", " \n", "\n\n", "\x0b", "\x1a\n"])


def same_doubles(a, b):
    """Equal to the last bit, the sign of zero included."""
    return np.array_equal(np.asarray(a).view(np.int64), np.asarray(b).view(np.int64))


@given(st.lists(st.tuples(SPELLINGS, GAPS), max_size=60))
@example([("9007199254740993", " "), ("123456789.123456", "\n"), ("999999999999999", " ")])
def test_numbers_are_those_of_float_to_the_last_bit(spelled):
    text = "".join(word + gap for word, gap in spelled)

    values, line_ends = read_numbers(text.encode())

    assert same_doubles(values, np.array([float(word) for word, _ in spelled]))
    per_line = [len(line.split()) for line in text.split("\n")]
    assert np.diff(line_ends, prepend=0).tolist() == [n for n in per_line if n]


def test_where_lines_end_is_known_and_empty_ones_do_not_count():
    _, line_ends = read_numbers(b"1 2 3\n\n4\n 5 6")

    assert line_ends.tolist() == [3, 4, 6]


def test_blocks_join_without_a_seam(monkeypatch):
    text = "\n".join(f"{i}.25 -{i} {i}e-3" for i in range(500))
    monkeypatch.setattr(number_text, "_BLOCK_BYTES", 64)

    values, line_ends = read_numbers(text.encode())

    assert same_doubles(values, np.array([float(word) for word in text.split()]))
    assert line_ends.tolist() == list(range(3, 1503, 3))


@pytest.mark.parametrize(
    "word",
    ["x", "1.2.3", "--5", "-", "+", ".", "e5", "1e", "1_000", "nan", "-inf", "1,5", "0x10", "1e999", "5-", "１"],
)
def test_what_is_no_number_is_named_with_its_place(word):
    text = f"1.5 2\n{word} 4.0".encode()
    assert read_number(word.encode()) is None

    with pytest.raises(NotANumber) as caught:
        read_numbers(text)

    assert caught.value.word == word
    assert (caught.value.at, caught.value.n_before) == (6, 2)


def test_a_bad_word_far_down_is_found_where_it_is(monkeypatch):
    monkeypatch.setattr(number_text, "_BLOCK_BYTES", 64)
    text = b"1.5 " * 400 + b"oops 7"

    with pytest.raises(NotANumber) as caught:
        read_numbers(text)

    assert (caught.value.at, caught.value.n_before) == (1600, 400)


@pytest.mark.parametrize("text", [b"", b"  \n \n"])
def test_no_text_has_no_numbers(text):
    values, line_ends = read_numbers(text)

    assert values.shape == (0,)
    assert line_ends.shape == (0,)


@given(st.binary(max_size=200))
def test_any_bytes_are_numbers_or_refused(data):
    try:
        values, _ = read_numbers(data)
    except NotANumber as error:
        values, at = np.zeros(0), error.at
    else:
        at = 0

    assert np.all(np.isfinite(values))
    assert 0 <= at <= len(data)
