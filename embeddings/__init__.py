"""Text to vectors. Knows nothing of documents, indexes or questions."""
