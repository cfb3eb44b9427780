"""The transport on a real sound system, captured."""

from __future__ import annotations

import numpy as np
import pytest

from tests.editor.playback import null_sink


@pytest.mark.slow
@pytest.mark.skipif(not null_sink.is_there(), reason=null_sink.MISSING)
def test_the_picture_is_at_the_sound():
    result = null_sink.measured(n_moves=5, play_s=4.0, n_scrubs=3)
    off_ms = np.array(result["off_ms"])

    assert result["trouble"] == ""
    assert len(off_ms) >= 15
    assert np.abs(np.median(off_ms)) <= 20.0
    assert np.median(result["scrub_ms"]) < 500.0
