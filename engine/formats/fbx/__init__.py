"""FBX: writing a scene of film as binary 7.4, and reading files of any version in a process apart."""

from engine.formats.fbx.names import node_names
from engine.formats.fbx.options import FbxOptions
from engine.formats.fbx.reading import FbxTake, read, read_back, read_takes
from engine.formats.fbx.writer import write

__all__ = ["FbxOptions", "FbxTake", "node_names", "read", "read_back", "read_takes", "write"]
