"""Files in, clean dated passages out. Knows nothing of vectors, questions or people."""
