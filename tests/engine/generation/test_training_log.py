import numpy as np
from PIL import Image

from engine.generation.training.log import TrainingLog, draw_curves, read_log


def test_every_tenth_step_and_every_validation_is_kept(tmp_path):
    log = TrainingLog(tmp_path)
    for step in range(1, 31):
        log.add(step, {"loss": 1.0 / step})
    log.add(33, {"loss": 0.03, "val_coded_m": 0.1})
    log.flush()

    curves = read_log(tmp_path / "log.csv")

    np.testing.assert_allclose(curves["loss"], [[10, 0.1], [20, 0.05], [30, 1 / 30], [33, 0.03]], rtol=1e-5)
    np.testing.assert_allclose(curves["val_coded_m"], [[33, 0.1]])


def test_a_log_goes_on_where_it_was(tmp_path):
    for first in (10, 20):
        log = TrainingLog(tmp_path)
        log.add(first, {"loss": float(first)})
        log.flush()

    np.testing.assert_allclose(read_log(tmp_path / "log.csv")["loss"], [[10, 10], [20, 20]])


def test_lines_cut_short_by_a_full_disk_are_skipped(tmp_path):
    whole = "10,loss,0.5\n20,loss,0.25\n"
    for end in range(len(whole)):
        (tmp_path / "log.csv").write_text(whole[:end] + "\n30,loss,0.125\n")

        assert read_log(tmp_path / "log.csv")["loss"][-1].tolist() == [30, 0.125]


def test_curves_are_drawn_one_below_the_other(tmp_path):
    steps = np.arange(300.0)
    curves = {
        "falls": np.column_stack([steps, np.exp(-steps / 50)]),
        "level": np.column_stack([steps, np.ones(300)]),
        "single": np.array([[5.0, 2.0]]),
    }

    draw_curves(curves, tmp_path / "losses.png")

    with Image.open(tmp_path / "losses.png") as picture:
        assert picture.size == (960, 3 * 260)
        ink = np.asarray(picture.convert("L")) < 200
    assert all(ink[i * 260 : (i + 1) * 260].any() for i in range(3))


def test_a_log_of_nothing_is_a_picture_of_nothing(tmp_path):
    TrainingLog(tmp_path).flush()

    assert (tmp_path / "losses.png").exists()
