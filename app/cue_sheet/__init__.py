"""The cue sheet: a dance on paper, an eight a row, for rehearsal and for the set."""
