"""Everything that answers in one file, and back: database, serving snapshot and uploads, while others go on serving."""
