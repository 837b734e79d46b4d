"""The console: pages under /admin, made on the server, where administrators keep the corpus."""
