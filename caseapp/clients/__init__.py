"""Pages of the room `clients`: how a client is told of a hearing."""
