"""The command line: set-up, programs and operation, while a server runs and when none does."""
