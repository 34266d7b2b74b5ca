"""How marks are found and put in over the wire: a door besides Evaluate's."""
