"""A question to ranked, read passages; passages to a snapshot. Knows nothing of people and channels."""
