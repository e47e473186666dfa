"""Several processes that serve one port: `serve --workers N`."""
