"""Makes questions about figures, dates, people, offices, organisations, places and lists from the corpora by rules.

Only for training and measuring the reader; nothing that serves imports it.
"""
