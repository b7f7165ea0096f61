"""Real imagery on one common set of bands, with labels of people and of teachers."""
