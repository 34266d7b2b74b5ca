"""Inference-time guardrails: checks look, policies decide, the engine acts."""

__version__ = "0.1.0"
