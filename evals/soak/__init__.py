"""A real server that is asked all the time while its documents change under it."""
