"""What the checks on copies share: which works, and how a match is told."""
