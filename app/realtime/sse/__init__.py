"""Server-Sent Events: the same batches as on the other transports, one way, resumable."""
