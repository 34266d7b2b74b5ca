"""What we record: counts and times, never content."""
