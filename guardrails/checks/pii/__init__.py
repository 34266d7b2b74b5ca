"""Personal data: entities, where they come from, and which of two claims stands."""
