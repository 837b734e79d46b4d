"""One module a command of `yiju`; each is imported only when its command is called."""
