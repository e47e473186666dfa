"""Socket.IO and Engine.IO: encodes, decodes and hands over to the dispatch table."""
