from comfy_gen.comfyui.tracker import Ending, NodeStarted, Outcome, Previewed, Started, Stepped, Waiting
from comfy_gen.jobs.work.progress import Progress


def test_nodes_count_alike_and_steps_within_them():
    progress = Progress(0.0)
    progress.feed(Started(cached=("1",), total=4), now=1.0)
    assert progress.fraction == 0.25
    progress.feed(NodeStarted("3", "KSampler", 2, 4), now=2.0)
    progress.feed(Stepped("3", 5, 10), now=3.0)
    assert progress.fraction == 0.625
    running = {"node_id": "3", "class_type": "KSampler", "step": 5, "steps": 10}
    assert progress.facts == {**running, "nodes_done": 2, "nodes_total": 4}
    assert progress.has_stepped


def test_each_node_is_timed_until_the_next_begins():
    progress = Progress(0.0)
    progress.feed(NodeStarted("1", "Load", 0, 2), now=1.0)
    progress.feed(NodeStarted("2", "Sample", 1, 2), now=4.0)
    progress.feed(Outcome("p", Ending.SUCCESS, {}), now=4.5)
    assert progress.nodes == {"1": 3.0, "2": 0.5}
    assert (progress.started, progress.ended) == (1.0, 4.5)


def test_time_in_the_engines_queue_is_none_of_the_jobs_own():
    progress = Progress(1.0)
    assert progress.timings == {"nodes": {}}
    progress.feed(Waiting(1), now=2.0)
    progress.feed(Started(cached=(), total=1), now=5.0)
    assert progress.timings == {"nodes": {}, "engine_queue": 4.0}
    progress.feed(Outcome("p", Ending.SUCCESS, {}), now=7.5)
    assert progress.timings == {"nodes": {}, "engine_queue": 4.0, "generate": 2.5}


def test_place_in_the_engines_queue_is_told():
    progress = Progress(0.0)
    assert progress.feed(Waiting(3), now=1.0)
    assert progress.facts == {"ahead": 3}
    assert progress.started is None


def test_what_nobody_needs_to_know_is_not_told_but_is_a_sign_of_life():
    progress = Progress(0.0)
    assert not progress.feed(Previewed(b"", "image/png", "3"), now=5.0)
    assert progress.moved == 5.0


def test_nothing_is_divided_by_nothing():
    progress = Progress(0.0)
    progress.feed(Stepped("3", 0, 0), now=1.0)
    assert progress.fraction == 0.0


def test_where_it_stands_is_told_as_comfyui_does_of_an_interruption():
    progress = Progress(0.0)
    assert progress.standing == {"node_id": "", "node_type": "", "executed": []}
    progress.feed(NodeStarted("1", "Load", 0, 2), now=1.0)
    progress.feed(NodeStarted("2", "Sample", 1, 2), now=4.0)
    assert progress.standing == {"node_id": "2", "node_type": "Sample", "executed": ["1"]}
