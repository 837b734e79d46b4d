"""Bytes of one format to raw text, one module a format."""
