"""What a run says while it lasts: progress, estimates, the log."""
