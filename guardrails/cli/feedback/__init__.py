"""`guardrails feedback`: what people say of verdicts, and what follows from it."""
