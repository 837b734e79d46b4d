"""People and programs: answers with their evidence, conversations, channels, settings, the command line."""
