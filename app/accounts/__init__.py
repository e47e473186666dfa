"""Accounts: who people are, how they prove it, and how that ends."""
