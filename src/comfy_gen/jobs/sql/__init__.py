"""The statements behind the store: functions that run on a connection, in a transaction that their caller opened."""
