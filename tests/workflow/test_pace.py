import pytest

from pathfa.core.progress import in_words
from pathfa.workflow import pace


@pytest.mark.parametrize(("seconds", "said"), [(0.4, "0 s"), (89, "89 s"), (600, "10 min"), (9000, "2.5 h")])
def test_times_in_words(seconds, said):
    assert in_words(seconds) == said


def test_time_left_from_the_jobs_that_are_done(monkeypatch):
    clock = iter([100.0, 130.0, 160.0])
    monkeypatch.setattr(pace, "perf_counter", lambda: next(clock))
    jobs = pace.Pace(3)
    assert jobs.next() == "1 of 3"
    assert jobs.next() == "2 of 3, about 60 s left"  # one took 30 s, two are to come
    assert jobs.next() == "3 of 3, about 30 s left"
