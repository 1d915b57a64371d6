import pytest

from benchmarks.finding import Bar, Finding, LeftOut
from benchmarks.report import Run, Section, markdown, number

TIMES = Finding(
    "one job",
    "ms",
    {"by hand": [2.0, 2.0, 9.0], "ours": [4.0]},
    beside=["by hand"],
    bars=[Bar("ours", 5), Bar("ours", 0.6, beside="by hand"), Bar("ours", 1, beside="by hand", is_added=True)],
    note="Of one machine.",
)
SECTION = Section("latency", "How late it is", "Beside others.", [TIMES], seconds=12.3)


def lines(*sections, **options):
    return markdown(Run({"Python": "3.11"}, sections, **options)).splitlines()


def test_ratios_come_before_figures():
    page = lines(SECTION)

    assert page.index("## Ratios") < page.index("## How late it is") < page.index("## The machine")
    assert "| one job | ours | by hand **0.50** | at least 0.6 times by hand | **MISSED** (0.50) |" in page


def test_each_row_says_what_is_better_its_bars_and_what_came_of_them():
    page = lines(SECTION)

    assert "| one job (ms) | by hand | 2.00 | 9.00 | 3 | less |  |  |" in page
    (ours,) = (line for line in page if line.startswith("|  | ours | 4.00 |  | 1 | less |"))
    assert "at most 5 ms<br>at least 0.6 times by hand<br>at most 1 ms more than by hand" in ours
    assert ours.endswith("| ok<br>**MISSED** (0.50)<br>**MISSED** (2.00) |")


def test_missed_bars_are_told_at_the_top():
    page = lines(SECTION)

    assert "**1 of 3 bars are met.** Missed are:" in page[:12]
    assert "- one job, ours: 0.50, at least 0.6 times by hand" in page


def test_what_is_left_out_and_what_broke_off_is_told():
    broken = Section(
        "studio", "How quick it is", "", left_out=[LeftOut("PostgreSQL", "not installed")], failure="It fell."
    )
    page = lines(broken)

    assert "- Left out: PostgreSQL. Not installed." in page
    assert "**It did not come to its end:** It fell." in page
    assert "**Not measured to its end:** How quick it is." in page


def test_a_machine_that_was_not_quiet_is_told():
    page = lines(SECTION, Section("studio", "How quick it is", "", quiet=1.5, seconds=3))

    assert "| latency | 12 | 1.00 |  |" in page
    assert "| studio | 3 | 1.50 | noisy |" in page


def test_a_quick_run_says_that_its_figures_say_nothing():
    assert any("a quick run" in line for line in lines(is_quick=True))
    assert not any("a quick run" in line for line in lines())


def test_a_run_of_some_measurements_says_which_it_did_not_take():
    assert any(line.endswith("It has nothing of: gaps, studio.") for line in lines(others=["gaps", "studio"]))


@pytest.mark.parametrize(("value", "said"), [(1234.5, "1,234"), (56.78, "56.8"), (1.234, "1.23"), (-2.0, "-2.00")])
def test_a_figure_has_no_more_digits_than_it_is_worth(value, said):
    assert number(value) == said
