"""The command line; each command works beside a running server and without one."""
