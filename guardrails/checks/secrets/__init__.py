"""Credentials: the rules of detect-secrets and our own, in linear time."""
