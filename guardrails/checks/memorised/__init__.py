"""Secrets and canaries that must never come back, known by their hashes alone."""
