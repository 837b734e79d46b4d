"""The pages people ask on: chat, a passage in its document, and what every page needs (files, templates, words)."""
