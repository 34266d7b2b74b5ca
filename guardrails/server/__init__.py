"""How we are asked: the gRPC sidecar."""
