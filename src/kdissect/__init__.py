"""Distil a network, then dissect what it learned."""

__version__ = "0.1.0"
