"""Evidence to answers: reading, refusing, composing, checking. Knows nothing of channels."""
