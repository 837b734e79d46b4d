"""Rough English versions of Chinese questions: dictionary, names and numbers, clauses and question frames."""
