"""Reading by rule: question types, quantities, names and lists, found with word lists and patterns."""
