"""Many jobs over several engines: which goes where next, what a failure means, what is done already."""
