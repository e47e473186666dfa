"""Plain WebSockets: `/ws` for clients without a Socket.IO library, and `/ws/echo`."""
