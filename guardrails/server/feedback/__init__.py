"""Takes in what callers say of verdicts."""
