"""How project files of older versions are brought up to the present one, one version at a time.

Raise SCHEMA_VERSION when a file that this program writes could not be understood by the program before it, and
add a row that makes the older JSON into the newer. A new field with a default needs neither.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from editor.document.errors import FromNewerVersion, Unfit

SCHEMA_VERSION = 1

Json = dict[str, Any]

# From version -> what makes project.json of that version into the next one's.
MIGRATIONS: dict[int, Callable[[Json], Json]] = {}


def migrated(data: Json) -> Json:
    """The JSON of a project in the present version.

    Raises:
        Unfit: It is of a newer version, or of none that is known.
    """
    version = data.get("schema")
    if not isinstance(version, int) or isinstance(version, bool):
        raise Unfit("does not say which version of Kinetograph it is for")
    if version > SCHEMA_VERSION:
        raise FromNewerVersion(
            f"was saved by a newer version of Kinetograph (file version {version}, this program reads up to "
            f"{SCHEMA_VERSION}); update the program to open it"
        )
    while version < SCHEMA_VERSION:
        if version not in MIGRATIONS:
            raise Unfit(f"is of version {version}, which this program cannot read any more")
        try:
            data = MIGRATIONS[version](data)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise Unfit(f"is of version {version} and damaged") from error
        version += 1
    return data | {"schema": SCHEMA_VERSION}
