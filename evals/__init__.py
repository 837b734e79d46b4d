"""Benchmarks and training: figures of the product, never part of it."""
