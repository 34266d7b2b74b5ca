"""`guardrails works`: keep the works that answers are compared with, by hand and in bulk."""
