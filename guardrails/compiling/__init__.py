"""From a checkpoint to a model that ships: the only place besides training that knows torch."""
