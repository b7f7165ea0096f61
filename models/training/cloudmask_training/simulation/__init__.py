"""Simulated surfaces, clouds, shadows and sensors."""
