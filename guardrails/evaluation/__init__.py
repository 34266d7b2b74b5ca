"""How checks are measured and calibrated on labelled data."""
