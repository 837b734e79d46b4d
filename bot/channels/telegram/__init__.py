"""Telegram: what is received, said and sent; the modules that name the library are the only ones that need it."""
