"""What we look for: one file a check."""
