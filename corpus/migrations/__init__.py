"""The history of the corpus tables. Run by ``corpus.database.migrate``; ships in the wheel."""
