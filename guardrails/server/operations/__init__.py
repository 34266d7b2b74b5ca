"""What operators ask of a running server: a door besides those for content."""
