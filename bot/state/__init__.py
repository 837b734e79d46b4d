"""What the program remembers of people: conversations, answers, jobs and keys."""
