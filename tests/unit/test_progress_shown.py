"""How a command shows how far it is: lines elsewhere, bars on a terminal, and what is left at the pace so far."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
import typer

from gridsim import terminal
from gridsim.terminal import _Bars, _Lines, how_far, progress_shown, told


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch):
    """The time that the display sees, set by hand. [s]"""
    now = SimpleNamespace(s=100.0)
    monkeypatch.setattr(terminal, "clock", SimpleNamespace(perf_counter=lambda: now.s))
    return now


@pytest.mark.parametrize(
    ("share", "seconds", "words"),
    [
        (0.0, 60.0, ""),  # not known
        (0.2, 30.0, "20 %, about 2 min left"),  # 30 s for a fifth: 120 s for the rest
        (0.5, 40.0, "50 %, about 40 s left"),
        (0.5, 2.0, "50 %"),  # too early for a guess
        (0.999, 1000.0, "99 %, about 1 s left"),  # never 100 % before it is done
        (0.01, 600.0, "1 %, about 16.5 h left"),
        (1.0, 60.0, ""),
    ],
)
def test_what_is_left_follows_from_the_pace_so_far(share: float, seconds: float, words: str):
    assert how_far(share, seconds) == words


def test_lines_tell_every_stage_at_once_and_how_far_one_is_every_ten_seconds(at, capsys: pytest.CaptureFixture[str]):
    """Proves: a new stage is told when it begins, however soon; within a stage at most one line in ten seconds, with the share where it is known."""
    show = _Lines()
    for second in range(31):
        at.s = 100.0 + second
        show("solve", 0.0)
    show("operation", 0.0)
    for second in range(31, 56):
        at.s = 100.0 + second
        show("operation", (second - 30) / 50.0)
    assert capsys.readouterr().err.splitlines() == [
        "[   0.0 s] solve",
        "[  10.0 s] solve: 10 s",
        "[  20.0 s] solve: 20 s",
        "[  30.0 s] solve: 30 s",
        "[  30.0 s] operation",
        "[  40.0 s] operation: 20 %, about 40 s left",
        "[  50.0 s] operation: 40 %, about 30 s left",
    ]


@pytest.fixture
def bars():
    from rich.console import Console
    from rich.progress import Progress, TextColumn

    return Progress(TextColumn("{task.description} {task.fields[far]}"), console=Console(file=io.StringIO()), get_time=lambda: terminal.clock.perf_counter())


def test_bars_show_the_share_and_end_with_the_stage(at, bars):
    show = _Bars(bars)
    show("read", 0.0)
    assert bars.tasks[0].total is None  # pulses
    show("operation", 0.0)
    assert bars.tasks[0].finished
    at.s += 30.0
    show("operation", 0.25)
    assert (bars.tasks[1].percentage, bars.tasks[1].fields["far"]) == (25.0, "25 %, about 90 s left")
    show.end()
    assert (bars.tasks[1].finished, bars.tasks[1].elapsed, bars.tasks[1].fields["far"]) == (True, 30.0, "")


def test_a_stage_that_comes_again_stands_last_and_counts_on(at, bars):
    """Proves: the bar under way is the last one; its time is that of all its rounds, its pace that of this round."""
    show = _Bars(bars)
    for stage, seconds in (("solve", 20.0), ("power flow", 5.0), ("solve", 0.0)):
        show(stage, 0.0)
        at.s += seconds
    assert [task.description for task in bars.tasks] == ["power flow", "solve"]
    assert bars.tasks[1].total is None and not bars.tasks[1].finished
    at.s += 10.0
    show("solve", 0.5)
    assert bars.tasks[1].fields["far"] == "50 %, about 10 s left"
    show.end()
    assert [task.elapsed for task in bars.tasks] == [5.0, 30.0]


def interrupted() -> None:
    """A command that is stopped by hand."""
    with told(machine=False), progress_shown(machine=False) as show:
        show("operation", 0.5)
        raise KeyboardInterrupt


def test_an_interruption_leaves_one_line_and_no_traceback(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(typer.Exit) as end:
        interrupted()
    assert end.value.exit_code == 130
    assert capsys.readouterr().err.splitlines()[1:] == ["interrupted; nothing was written"]


def test_an_interruption_on_a_terminal_gives_the_cursor_back(monkeypatch: pytest.MonkeyPatch):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr", screen)
    with pytest.raises(typer.Exit):
        interrupted()
    text = screen.getvalue()
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")  # cursor shown again
    assert text.splitlines()[-1] == "\x1b[?25hinterrupted; nothing was written"  # on a line of its own
    assert "Traceback" not in text


SLOW = {"solve": "cut it short"}


def test_lines_say_once_how_a_slow_stage_is_cut_short(at, capsys: pytest.CaptureFixture[str]):
    """Proves: said with the first line after a minute of the stage itself, never again, and of no other stage."""
    show = _Lines(SLOW)
    for stage, seconds in (("read", 70), ("solve", 85), ("audit", 70), ("solve", 65)):
        for _ in range(seconds):
            show(stage, 0.0)
            at.s += 1.0
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if "cut it short" in line] == ["[ 130.0 s] solve: 60 s; cut it short"]
    assert "[ 140.0 s] solve: 70 s" in said


def test_bars_say_once_how_a_slow_stage_is_cut_short(at, bars):
    show = _Bars(bars, SLOW)
    show("solve", 0.0)
    at.s += 59.0
    show("solve", 0.0)
    assert "cut it short" not in bars.console.file.getvalue()
    for _ in range(3):
        at.s += 1.0
        show("solve", 0.0)
    assert bars.console.file.getvalue() == "solve: cut it short\n"


def test_machines_are_shown_nothing():
    with progress_shown(machine=True) as show:
        assert show is None
