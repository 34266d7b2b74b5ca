"""Envoy's external processing: the sidecar judges what a gateway passes on."""
