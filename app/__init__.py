"""Parley: a self-hosted collaborative web application."""

__version__ = "0.1.0"
