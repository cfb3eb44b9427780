from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile
from PIL import Image

from engine.errors import AudioFileError, Cancelled, MotionFileError
from engine.formats.video import write_png, write_video

BLUE = (86, 180, 233)


def pictures(n: int, size: tuple[int, int] = (64, 48), colour=BLUE):
    for i in range(n):
        picture = np.full((size[1], size[0], 3), colour, np.uint8)
        picture[:, : 1 + i % size[0]] = 255
        yield picture


@pytest.fixture
def click(tmp_path):
    """Four seconds with a click at 1 s and at 2 s, 44.1 kHz."""
    samples = np.zeros(4 * 44100, np.float32)
    for second in (1, 2):
        samples[second * 44100 : second * 44100 + 300] = 0.8
    soundfile.write(tmp_path / "click.wav", samples, 44100)
    return tmp_path / "click.wav"


def sound_of(path) -> np.ndarray:
    """All samples of the first channel, at the times the file gives them, 48 kHz."""
    with av.open(path) as container:
        out = np.zeros(10 * 48000, np.float32)
        end = 0
        for frame in container.decode(audio=0):
            start = round(frame.pts * frame.time_base * 48000)
            block = frame.to_ndarray()[0]
            if start < 0:
                start, block = 0, block[-start:]
            out[start : start + len(block)] = block
            end = start + len(block)
    return out[:end]


@pytest.mark.parametrize("rate", [24.0, 30.0, 30000 / 1001, 60.0])
def test_a_video_has_the_pictures_and_the_rate_it_was_given(tmp_path, rate):
    written = write_video(tmp_path / "a.mp4", pictures(31), rate)

    assert written == 31
    with av.open(tmp_path / "a.mp4") as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.average_rate == Fraction(rate).limit_denominator(1001)
        assert float(stream.duration * stream.time_base) == pytest.approx(31 / rate, abs=1e-3)
        assert sum(1 for _ in container.decode(video=0)) == 31


def test_colours_survive(tmp_path):
    write_video(tmp_path / "a.mp4", pictures(3), 30.0)

    with av.open(tmp_path / "a.mp4") as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc) == (1, 1, 1)  # BT.709
        picture = next(container.decode(video=0)).reformat(format="rgb24", src_colorspace="ITU709").to_ndarray()
    np.testing.assert_allclose(picture[24, 40], BLUE, atol=3)


def test_an_odd_last_row_and_column_are_left_off(tmp_path):
    write_video(tmp_path / "a.mp4", pictures(2, (65, 49)), 30.0)

    with av.open(tmp_path / "a.mp4") as container:
        assert (container.streams.video[0].width, container.streams.video[0].height) == (64, 48)


def test_sound_is_heard_at_its_time(tmp_path, click):
    write_video(tmp_path / "a.mp4", pictures(90), 30.0, click)

    sound = sound_of(tmp_path / "a.mp4")
    onsets = [np.flatnonzero(np.abs(sound[s:e]) > 0.3)[0] + s for s, e in ((0, 72000), (72000, 144000))]
    np.testing.assert_allclose(np.array(onsets) / 48000, [1.0, 2.0], atol=0.002)


def test_sound_ends_with_the_picture(tmp_path, click):
    write_video(tmp_path / "a.mp4", pictures(45), 30.0, click)

    assert len(sound_of(tmp_path / "a.mp4")) / 48000 == pytest.approx(1.5, abs=0.025)


def test_sound_that_is_shorter_just_ends(tmp_path, click):
    write_video(tmp_path / "a.mp4", pictures(150), 30.0, click)

    with av.open(tmp_path / "a.mp4") as container:
        assert sum(1 for _ in container.decode(video=0)) == 150
    assert len(sound_of(tmp_path / "a.mp4")) / 48000 == pytest.approx(4.0, abs=0.025)


@pytest.mark.parametrize(("start_s", "heard_s"), [(0.75, 0.25), (-0.5, 1.5)])
def test_sound_may_begin_later_or_before(tmp_path, click, start_s, heard_s):
    write_video(tmp_path / "a.mp4", pictures(60), 30.0, click, sound_start_s=start_s)

    sound = sound_of(tmp_path / "a.mp4")
    assert np.flatnonzero(np.abs(sound) > 0.3)[0] / 48000 == pytest.approx(heard_s, abs=0.002)


def test_sound_that_begins_after_its_end_is_silence(tmp_path, click):
    assert write_video(tmp_path / "a.mp4", pictures(6), 30.0, click, sound_start_s=9.0) == 6


def test_the_index_stands_at_the_front_for_players_that_stream(tmp_path):
    write_video(tmp_path / "a.mp4", pictures(5), 30.0)

    data = (tmp_path / "a.mp4").read_bytes()
    assert data.find(b"moov") < data.find(b"mdat")


def test_progress_goes_up_to_one(tmp_path):
    seen = []
    write_video(tmp_path / "a.mp4", pictures(4), 30.0, progress=seen.append, n_frames=4)

    assert seen == [0.25, 0.5, 0.75, 1.0]


def test_cancelling_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(b"old")

    def stop(fraction: float) -> None:
        if fraction > 0.4:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        write_video(path, pictures(10), 30.0, progress=stop, n_frames=10)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_pictures_that_fail_leave_nothing(tmp_path):
    def broken():
        yield from pictures(3)
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        write_video(tmp_path / "a.mp4", broken(), 30.0)
    assert list(tmp_path.iterdir()) == []


def test_pictures_of_two_sizes_are_refused(tmp_path):
    def mixed():
        yield from pictures(1)
        yield from pictures(1, (32, 32))

    with pytest.raises(ValueError, match="expected pictures of shape"):
        write_video(tmp_path / "a.mp4", mixed(), 30.0)
    assert list(tmp_path.iterdir()) == []


def test_no_picture_at_all_is_said_in_a_sentence(tmp_path):
    with pytest.raises(MotionFileError, match="there is no picture"):
        write_video(tmp_path / "a.mp4", iter(()), 30.0)


def test_sound_that_cannot_be_read_is_said_before_anything_is_drawn(tmp_path):
    def never():
        raise AssertionError("drawn")
        yield

    with pytest.raises(AudioFileError, match="no such file"):
        write_video(tmp_path / "a.mp4", never(), 30.0, tmp_path / "none.wav")


def test_a_png_holds_the_picture_exactly(tmp_path):
    picture = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)

    write_png(tmp_path / "a.png", picture)

    with Image.open(tmp_path / "a.png") as read:
        np.testing.assert_array_equal(np.asarray(read), picture)
    assert list(tmp_path.iterdir()) == [tmp_path / "a.png"]
