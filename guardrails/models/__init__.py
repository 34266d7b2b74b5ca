"""What checks run on: manifests, sessions, batches."""
