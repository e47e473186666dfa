"""The servers that Parley is compared with, each in a process of its own."""
