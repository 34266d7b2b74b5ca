"""Texts: what is kept of one, and which stretches of an answer were taken from it."""
