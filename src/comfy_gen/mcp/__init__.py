"""The MCP server: what agents ask, answered by the HTTP API of a service."""
