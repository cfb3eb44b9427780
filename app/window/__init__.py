"""The editor's window: what it is made of, and how its parts are wired to the piece."""
