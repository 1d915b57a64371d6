"""The bodies of requests and answers, as types: pydantic stays here, at the edge."""
