"""`guardrails decisions`: the log of decisions, read, proved and kept within its bounds."""
