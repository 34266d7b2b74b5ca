"""What shall happen: from YAML to an immutable plan."""
