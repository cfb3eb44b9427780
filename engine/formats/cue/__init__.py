"""What goes beside a dance to editors and musicians: timecode, marker lists, tempo maps, edit decision lists."""
