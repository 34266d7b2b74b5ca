"""How we sign: marks that are put into what is passed on, and found again with a p-value."""
