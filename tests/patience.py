"""How long tests wait for what must come: as long as a slow and busy machine may need, and none waits less."""

PATIENCE_S = 120.0
