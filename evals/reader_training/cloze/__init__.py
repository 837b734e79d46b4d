"""General questions made from sentences: a part of a statement is asked for, and the rest put in other words."""
