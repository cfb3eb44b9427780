"""BVH: reading every dialect (`bvh_read` says how each is understood), writing one (`bvh_write` says which)."""

from engine.formats.bvh_read import BvhFile, read, read_report
from engine.formats.bvh_write import write

__all__ = ["BvhFile", "read", "read_report", "write"]
