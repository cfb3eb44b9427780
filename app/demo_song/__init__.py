"""The demo song: composed for Kinetograph, and rendered by its own code. `python -m app.demo_song OUT.ogg`."""
