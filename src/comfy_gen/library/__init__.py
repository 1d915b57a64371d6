"""What was made, and what people think of it: over the database of jobs."""
