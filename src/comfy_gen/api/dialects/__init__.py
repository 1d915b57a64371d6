"""Other services' APIs, each a small package over the same verbs of `app`; none knows another."""
