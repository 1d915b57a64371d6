"""``comfygen storage``: files that jobs made."""
