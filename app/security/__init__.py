"""Rate limits, the origin check, client addresses and the security headers: rules without I/O."""
