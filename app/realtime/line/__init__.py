"""The line to one client: its outbox, who writes it, and its heartbeat."""
