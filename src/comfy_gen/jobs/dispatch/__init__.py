"""How waiting jobs reach workers: the table itself for one worker, procrastinate on PostgreSQL for any number."""
