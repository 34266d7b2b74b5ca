"""Marks in the choice of tokens: put in while a text is generated, found from tokens alone."""
