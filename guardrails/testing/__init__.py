"""How policies are proved: suites, stubs, reports."""
