"""Links: where they stand in a text, where they lead, and what their hosts look like."""
