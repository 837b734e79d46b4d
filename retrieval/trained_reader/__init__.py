"""The trained reader: one small cross-encoder that ranks, reads and says when a passage does not answer."""
