"""`guardrails access`: the file of who may ask."""
