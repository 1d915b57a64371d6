from comfy_gen.engines.scheduler import SchedulerOptions
from comfy_gen.jobs.work.learning import Learnt


def test_nothing_is_said_before_both_have_been_seen():
    assert Learnt().options == SchedulerOptions()
    assert Learnt().after(2.0, was_warm=True).options == SchedulerOptions()


def test_load_is_what_a_cold_job_takes_longer():
    learnt = Learnt().after(2.0, was_warm=True).after(7.0, was_warm=False)
    assert learnt.options == SchedulerOptions(load_seconds=5.0, job_seconds=2.0)


def test_newer_jobs_move_the_mean_little_by_little():
    learnt = Learnt(warm=2.0, cold=7.0).after(3.0, was_warm=True)
    assert learnt.warm == 2.1


def test_load_is_never_less_than_nothing():
    assert Learnt(warm=2.0, cold=1.0).options.load_seconds == 0.0
