"""Accounts of people and bots: sign-in, sessions, tokens, roles, and how access ends."""
