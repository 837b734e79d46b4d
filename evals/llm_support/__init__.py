"""Sentences written over made-up passages, faithful and not, and the measure of the check that judges them."""
