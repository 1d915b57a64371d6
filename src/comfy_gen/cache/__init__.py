"""Keeps what is asked for often, in memory or in Redis; losing it loses nothing."""
