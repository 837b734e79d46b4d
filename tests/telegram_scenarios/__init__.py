"""Scenarios over the real ``yiju`` process and the Bot API server of the tests; README.md says how to write one."""
