"""One job, from what was asked to the stored picture."""
