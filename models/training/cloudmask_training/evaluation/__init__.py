"""Accuracy on scenes that were kept aside."""
