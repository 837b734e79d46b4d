"""Parts of the benchmark of HTTP: clients that ask, a bare server to hold against ours, figures."""
