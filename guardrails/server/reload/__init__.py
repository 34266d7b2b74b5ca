"""Policies and models that change while they serve."""
