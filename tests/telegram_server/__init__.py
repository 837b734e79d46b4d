"""A small Bot API server for tests: a process of its own on loopback, written from the public documentation.

Stricter than Telegram: an unknown parameter of a method it implements is an error. Looser: no flood limits unless a
fault asks for them, every member of a group is an ordinary user, links are not checked.
"""
