"""How the reader is made: questions from the corpora, training, and the figures it reaches."""
