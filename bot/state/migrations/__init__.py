"""The history of the tables of ``bot.state``. Run by ``corpus.database.migrate``; ships in the wheel."""
