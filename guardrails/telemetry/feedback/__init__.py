"""What people say of verdicts, kept apart from the log of decisions."""
