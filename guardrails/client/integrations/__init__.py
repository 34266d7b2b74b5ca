"""Guards round the libraries that generate, in one line each. Each needs its library alone."""
