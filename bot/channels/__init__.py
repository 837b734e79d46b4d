"""Where people and programs ask: Telegram and HTTP. Thin: everything goes through the service."""
