"""glTF 2.0: writing a scene of film as .glb, reading it back by pygltflib, reading motions of others' files."""

from engine.formats.gltf.read import GltfTake, read, read_takes
from engine.formats.gltf.read_back import read_back
from engine.formats.gltf.write import GltfOptions, write

__all__ = ["GltfOptions", "GltfTake", "read", "read_back", "read_takes", "write"]
