"""Background work: progress, cancel, delivery where the caller wants it. No Qt."""
