"""`guardrails marks`: put marks into files, find them again, make a certificate to try with."""
