"""USD: writing a scene of film as .usda or .usdc, reading it back by the queries of UsdSkel."""

from engine.formats.usd.read_back import read_back
from engine.formats.usd.write import UsdOptions, write

__all__ = ["UsdOptions", "read_back", "write"]
