"""A small world that is killed, cut off and filled up on purpose, and what must hold of it afterwards."""
