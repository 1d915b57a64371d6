"""How those who wait hear that something changed: in this process, and in others on the same database."""

from comfy_gen.jobs.signals.signals import ANYTHING, ENGINES, LINE, QUEUE, WISHES, Signals, end_of, job_of, topic_of

__all__ = ["ANYTHING", "ENGINES", "LINE", "QUEUE", "WISHES", "Signals", "end_of", "job_of", "topic_of"]
