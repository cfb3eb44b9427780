"""Playing the song and knowing which moment of it is heard. No Qt."""
