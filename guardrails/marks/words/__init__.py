"""Marks in the choice of words, put into a text after it is written."""
