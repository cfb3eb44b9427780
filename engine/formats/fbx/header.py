"""All that stands in a file beside its objects and connections: header, settings, definitions, takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import numpy as np

from engine.formats.fbx import clock
from engine.formats.fbx.properties import (
    COLOUR,
    COMPOUND,
    DOUBLE,
    ENUM,
    INT,
    MOMENT,
    OBJECT,
    TEXT,
    TIME,
    URL,
    Row,
    properties,
)  # fmt: skip
from engine.formats.fbx.records import CREATION_TIME, FILE_ID, VERSION, Record
from engine.formats.fbx.rows import Rows
from engine.formats.fbx.templates import TEMPLATES
from engine.formats.scene import FilmScene

# Readers branch on whose files they know, so it is nobody else's name.
CREATOR = "Kinetograph"
_FIXED_DATE = datetime(1970, 1, 1, 10)

Span = tuple[str, int, int]  # name of a take, its first and its last moment


def before_objects(scene: FilmScene, rows: Rows, spans: Sequence[Span]) -> tuple[Record, ...]:
    """The sections that stand before the objects."""
    return (
        _header_extension(scene),
        Record("FileId", (FILE_ID,)),
        Record("CreationTime", (CREATION_TIME,)),
        Record("Creator", (CREATOR,)),
        _settings(scene, spans),
        _documents(spans[0][0]),
        Record("References", (), ()),
        _definitions(rows),
    )


def takes(spans: Sequence[Span]) -> Record:
    """The section of takes, as MotionBuilder lists them."""
    of_takes = (
        Record(
            "Take", (name,),
            (
                Record("FileName", (re.sub(r"\W", "_", name, flags=re.ASCII) + ".tak",)),
                Record("LocalTime", (np.int64(begin), np.int64(end))),
                Record("ReferenceTime", (np.int64(begin), np.int64(end))),
            ),
        )
        for name, begin, end in spans
    )  # fmt: skip
    return Record("Takes", (), (Record("Current", (spans[0][0],)), *of_takes))


def _header_extension(scene: FilmScene) -> Record:
    made_at = datetime.fromisoformat(scene.made_at) if scene.made_at else _FIXED_DATE
    parts = (
        ("Version", 1000), ("Year", made_at.year), ("Month", made_at.month), ("Day", made_at.day),
        ("Hour", made_at.hour), ("Minute", made_at.minute), ("Second", made_at.second),
        ("Millisecond", made_at.microsecond // 1000),
    )  # fmt: skip
    return Record(
        "FBXHeaderExtension", (),
        (
            Record("FBXHeaderVersion", (1003,)),
            Record("FBXVersion", (VERSION,)),
            Record("EncryptionType", (0,)),
            Record("CreationTimeStamp", (), tuple(Record(name, (number,)) for name, number in parts)),
            Record("Creator", (CREATOR,)),
            _scene_info(scene.title, f"{made_at:%d/%m/%Y %H:%M:%S}.{made_at.microsecond // 1000:03d}"),
        ),
    )  # fmt: skip


def _scene_info(title: str, date: str) -> Record:
    """What programs show of a file; some do not read one without it."""
    texts = (("Title", title), ("Subject", ""), ("Author", ""), ("Keywords", ""), ("Revision", ""), ("Comment", ""))
    rows: list[Row] = [(URL, "DocumentUrl", ""), (URL, "SrcDocumentUrl", "")]
    for time in ("Original", "LastSaved"):
        rows += [
            (COMPOUND, time),
            (TEXT, f"{time}|ApplicationVendor", CREATOR),
            (TEXT, f"{time}|ApplicationName", CREATOR),
            (TEXT, f"{time}|ApplicationVersion", ""),
            (MOMENT, f"{time}|DateTime_GMT", date),
        ]
    return Record(
        "SceneInfo", ("GlobalInfo\x00\x01SceneInfo", "UserData"),
        (
            Record("Type", ("UserData",)),
            Record("Version", (100,)),
            Record("MetaData", (), (Record("Version", (100,)), *(Record(name, (text,)) for name, text in texts))),
            properties(rows),
        ),
    )  # fmt: skip


def _settings(scene: FilmScene, spans: Sequence[Span]) -> Record:
    """Right-handed, y up, facing +z, centimetres with factor 1, the rate and the span of the takes."""
    mode = clock.TIME_MODES.get(scene.rate.name, clock.CUSTOM)
    rows: list[Row] = [
        (INT, "UpAxis", 1),
        (INT, "UpAxisSign", 1),
        (INT, "FrontAxis", 2),
        (INT, "FrontAxisSign", 1),
        (INT, "CoordAxis", 0),
        (INT, "CoordAxisSign", 1),
        (INT, "OriginalUpAxis", 1),
        (INT, "OriginalUpAxisSign", 1),
        (DOUBLE, "UnitScaleFactor", 1.0),
        (DOUBLE, "OriginalUnitScaleFactor", 1.0),
        (COLOUR, "AmbientColor", 0.0, 0.0, 0.0),
        (TEXT, "DefaultCamera", "Producer Perspective"),
        (ENUM, "TimeMode", mode),
        (ENUM, "TimeProtocol", 2),
        (ENUM, "SnapOnFrameMode", 0),
        (TIME, "TimeSpanStart", min(begin for _, begin, _ in spans)),
        (TIME, "TimeSpanStop", max(end for _, _, end in spans)),
        (DOUBLE, "CustomFrameRate", scene.rate.hz if mode == clock.CUSTOM else -1.0),
        (COMPOUND, "TimeMarker"),
        (INT, "CurrentTimeMarker", -1),
    ]
    return Record("GlobalSettings", (), (Record("Version", (1000,)), properties(rows)))


def _documents(take: str) -> Record:
    rows: list[Row] = [(OBJECT, "SourceObject"), (TEXT, "ActiveAnimStackName", take)]
    scene = Record("Document", (np.int64(1), "", "Scene"), (properties(rows), Record("RootNode", (np.int64(0),))))
    return Record("Documents", (), (Record("Count", (1,)), scene))


def _definitions(rows: Rows) -> Record:
    """How many objects of each kind there are, and what a property is that an object does not mention."""
    counts = {"GlobalSettings": 1, **rows.counts()}
    kinds = (
        Record("ObjectType", (kind,), (Record("Count", (count,)), *_template(kind))) for kind, count in counts.items()
    )
    head = (Record("Version", (100,)), Record("Count", (sum(counts.values()),)))
    return Record("Definitions", (), (*head, *kinds))


def _template(kind: str) -> tuple[Record, ...]:
    if kind not in TEMPLATES:
        return ()
    class_name, rows = TEMPLATES[kind]
    return (Record("PropertyTemplate", (class_name,), (properties(rows),)),)
