"""Records as bytes, and what files are made of, as a parser of our own sees them."""

from __future__ import annotations

import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from engine.errors import Cancelled
from engine.formats import fbx
from engine.formats.fbx import properties
from engine.formats.fbx.records import Record, document
from engine.formats.whole_file import replacing
from tests.engine.formats.fbx.parser import Parsed, parse
from tests.film_scenes import film_scene

words = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12)
scalars = st.one_of(
    st.booleans(),
    st.integers(-(2**31), 2**31 - 1),
    st.integers(-(2**63), 2**63 - 1).map(np.int64),
    st.integers(-(2**15), 2**15 - 1).map(np.int16),
    st.floats(allow_nan=False),
    st.floats(allow_nan=False, width=32).map(np.float32),
    st.text(max_size=20),
    st.binary(max_size=20),
)
arrays = st.sampled_from(["bool", "int32", "int64", "float32", "float64"]).flatmap(
    lambda kind: hnp.arrays(kind, st.integers(0, 60), elements={"allow_nan": False} if kind[0] == "f" else None)
)
records = st.recursive(
    st.builds(Record, words, st.lists(scalars | arrays, max_size=4).map(tuple)),
    lambda inner: st.builds(
        Record, words, st.lists(scalars, max_size=2).map(tuple), st.lists(inner, max_size=3).map(tuple)
    ),
    max_leaves=12,
)


def same(record: Record, parsed: Parsed) -> bool:
    values = len(record.values) == len(parsed.values) and all(
        np.array_equal(a, b) for a, b in zip(record.values, parsed.values, strict=True)
    )
    children = record.children or ()
    within = len(children) == len(parsed.children) and all(
        same(a, b) for a, b in zip(children, parsed.children, strict=True)
    )
    sentinel = parsed.has_sentinel == (record.children is not None)
    return record.name == parsed.name and values and within and sentinel


@given(st.lists(records, max_size=4))
def test_what_is_written_is_what_is_parsed(some):
    parsed = parse(bytes(document(some)))

    assert same(Record("", (), tuple(some)), Parsed("", [], parsed.children, True))


def test_a_property_is_spelt_as_others_spell_it():
    record = properties.property_record(properties.TIME, "TimeSpanStop", 46_186_158_000)

    content = bytes(document([record]))

    moment = b"L" + struct.pack("<q", 46_186_158_000)
    assert b"\x01PS\x0c\0\0\0TimeSpanStopS\x05\0\0\0KTimeS\x04\0\0\0TimeS\0\0\0\0" + moment in content


def test_a_property_with_a_wrong_number_of_values_is_refused():
    with pytest.raises(ValueError, match="takes 3 values, got 1"):
        properties.property_record(properties.ROTATION, "Lcl Rotation", 90.0)


def test_stacks_and_layers_end_with_a_null_record_and_so_does_every_section(tmp_path):
    fbx.write(tmp_path / "dance.fbx", film_scene(performers=2, takes=2, camera=True))

    whole = parse((tmp_path / "dance.fbx").read_bytes())

    objects = whole["Objects"]
    needing = [record for kind in ("AnimationStack", "AnimationLayer") for record in objects.all(kind)]
    assert len(needing) == 4
    assert all(record.has_sentinel for record in [*needing, *objects.all("Model"), whole["References"]])


def test_ids_are_counted_and_every_connection_has_two_ends(tmp_path):
    fbx.write(tmp_path / "dance.fbx", film_scene(performers=3, takes=2, camera=True))

    whole = parse((tmp_path / "dance.fbx").read_bytes())

    ids = [record.values[0] for record in whole["Objects"].children]
    assert ids == list(range(ids[0], ids[0] + len(ids)))
    ends = {end for record in whole["Connections"].children for end in record.values[1:3]}
    assert ends <= {0, *ids}
    poses = {record.values[0] for record in whole["Objects"].all("Pose")}
    assert set(ids) - ends == poses | {r.values[0] for r in whole["Objects"].all("AnimationStack")} - ends


def test_definitions_count_the_objects(tmp_path):
    fbx.write(tmp_path / "dance.fbx", film_scene(performers=2, camera=True))

    whole = parse((tmp_path / "dance.fbx").read_bytes())

    counts = {record.values[0]: record["Count"].values[0] for record in whole["Definitions"].all("ObjectType")}
    found = [record.name for record in whole["Objects"].children]
    assert counts.pop("GlobalSettings") == 1
    assert counts == {kind: found.count(kind) for kind in found}


def test_node_names_are_distinct_plain_ascii(tmp_path):
    fbx.write(tmp_path / "dance.fbx", film_scene(performers=3, camera=True))

    models = parse((tmp_path / "dance.fbx").read_bytes())["Objects"].all("Model")

    names = [model.values[1].split("\0")[0] for model in models]
    assert len(set(names)) == len(names)
    assert all(name.isascii() and name.replace("_", "a").isalnum() for name in names)


@pytest.mark.parametrize("rate", ["23.976", "24", "29.97", "60"])
def test_keys_stacks_takes_and_time_span_agree(tmp_path, rate):
    scene = film_scene(rate, takes=2, start_frame=1001)
    fbx.write(tmp_path / "dance.fbx", scene)

    whole = parse((tmp_path / "dance.fbx").read_bytes())

    settings = whole["GlobalSettings"].properties()
    begin, end = settings["TimeSpanStart"][0], settings["TimeSpanStop"][0]
    exact = [46_186_158_000 * frame / scene.rate.exact_hz for frame in range(1001, 1041)]
    for stack in whole["Objects"].all("AnimationStack"):
        assert [v[0] for v in stack.properties().values()] == [begin, end, begin, end]
    assert [take["LocalTime"].values for take in whole["Takes"].all("Take")] == [[begin, end]] * 2
    dense = [c for c in whole["Objects"].all("AnimationCurve") if len(c["KeyTime"].values[0]) == 40]
    assert len(dense) > 100
    keys = dense[0]["KeyTime"].values[0].tolist()
    assert all(abs(key - moment) <= 0.5 for key, moment in zip(keys, exact, strict=True))
    assert (begin, end) == (keys[0], keys[-1])
    assert all(curve["KeyTime"].values[0].tolist() == keys for curve in dense)


def test_curves_are_linear_and_rest_values_are_zero(tmp_path):
    fbx.write(tmp_path / "dance.fbx", film_scene())

    objects = parse((tmp_path / "dance.fbx").read_bytes())["Objects"]

    flags = {int(curve["KeyAttrFlags"].values[0][0]) for curve in objects.all("AnimationCurve")}
    assert flags == {4, 2}  # linear; steps for the markers
    joints = [model for model in objects.all("Model") if model.values[2] == "LimbNode"]
    assert all(joint.properties()["Lcl Rotation"] == [0.0, 0.0, 0.0] for joint in joints)


def test_the_date_is_the_scenes_own_and_the_checked_triple_is_fixed(tmp_path):
    fbx.write(tmp_path / "dance.fbx", replace(film_scene(), made_at="2026-03-04T05:06:07"))

    whole = parse((tmp_path / "dance.fbx").read_bytes())

    stamp = [record.values[0] for record in whole["FBXHeaderExtension"]["CreationTimeStamp"].children]
    assert stamp == [1000, 2026, 3, 4, 5, 6, 7, 0]
    assert whole["CreationTime"].values == ["1970-01-01 10:00:00:000"]
    assert whole["FileId"].values == [bytes.fromhex("28b32aebb624ccc2bfc8b02aa92bfcf1")]


def test_a_cancelled_file_leaves_the_old_one(tmp_path):
    path = tmp_path / "dance.fbx"
    with replacing(path) as file:
        file.write(b"old")

    def cancel(fraction: float) -> None:
        if fraction > 0.5:
            raise Cancelled("the export")

    with pytest.raises(Cancelled):
        fbx.write(path, film_scene(), progress=cancel)
    assert path.read_bytes() == b"old"
    assert [child.name for child in tmp_path.iterdir()] == ["dance.fbx"]
