"""Tests of what makes and trains the reader."""
