"""A Bot API server for tests: a process of its own on loopback, written from the public documentation.

README.md beside this says what it does, and where it is stricter or looser than Telegram.
"""
