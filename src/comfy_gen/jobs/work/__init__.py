"""What a worker does: takes waiting jobs, gives them to engines, and brings each to an end."""
