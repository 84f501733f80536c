"""The statistics that detectors and analyses share. Pure functions over numbers and arrays."""
