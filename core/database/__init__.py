"""The way to MongoDB: the server, the connection, the schema."""
