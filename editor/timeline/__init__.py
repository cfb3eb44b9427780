"""The timeline: rulers, waveform, lanes and clips."""
