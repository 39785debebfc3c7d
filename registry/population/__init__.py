"""Made-up people for trials and measurements: valid in every field, and nobody's."""
