"""One record for each decision, never content, in a chain that shows when it was altered."""
