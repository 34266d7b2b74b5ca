"""Answers that copy works of a collection: text, code and pictures."""
