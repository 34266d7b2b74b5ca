"""Marks in pictures: what is added to pixels, and read back from what became of them."""
