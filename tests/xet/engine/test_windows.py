"""The pace of a stream: it grows where that pays, and only there."""

from __future__ import annotations

from offing.xet.engine.windows import (
    FEWEST,
    HOLD,
    INTERVAL,
    LARGEST,
    MEBIBYTE,
    MOST,
    SMALLEST,
    TOGETHER,
    Pace,
)

SHARE = 64 * MEBIBYTE


class Network:
    """Gives each request so many bytes a second, up to a ceiling; time goes by as it is told to."""

    def __init__(self, per_request: float, ceiling: float = 1e12) -> None:
        self.per_request, self.ceiling, self.now = per_request, ceiling, 100.0

    def drive(self, pace: Pace, seconds: float, *, waits: bool = True) -> None:
        """Let a stream read for some seconds."""
        for _ in range(int(seconds / INTERVAL)):
            self.now += INTERVAL
            rate = min(self.ceiling, self.per_request * pace.parallel)
            pace.received(int(rate * INTERVAL))
            pace.arrived(INTERVAL if waits else 0.0, self.now, SHARE)


def test_windows_begin_small_and_double() -> None:
    pace = Pace()
    sizes = [pace.next_window(SHARE) for _ in range(7)]
    assert sizes == [1 * SMALLEST, 2 * SMALLEST, 4 * SMALLEST, 8 * SMALLEST, 16 * SMALLEST, LARGEST, LARGEST]


def first_windows(rate: float) -> list[int]:
    """The sizes of four windows, of which the last is planned once the first has come at a rate."""
    pace = Pace()
    sizes = [pace.next_window(SHARE) for _ in range(3)]
    pace.received(SMALLEST)
    pace.arrived(SMALLEST / rate, 100.0, SHARE)
    return [*sizes, pace.next_window(SHARE)]


def test_on_a_fast_network_windows_are_large_at_once() -> None:
    assert first_windows(400e6) == [1 * SMALLEST, 2 * SMALLEST, 4 * SMALLEST, LARGEST]


def test_on_a_slow_network_windows_double() -> None:
    assert first_windows(25e6) == [1 * SMALLEST, 2 * SMALLEST, 4 * SMALLEST, 8 * SMALLEST]


def test_after_a_429_windows_begin_small_again() -> None:
    pace = Pace()
    Network(400e6).drive(pace, INTERVAL)
    assert pace.next_window(SHARE) > 8 * SMALLEST
    pace.pressed()
    assert [pace.next_window(SHARE) for _ in range(3)] == [1 * SMALLEST, 2 * SMALLEST, 4 * SMALLEST]


def test_windows_fit_the_share() -> None:
    pace = Pace()
    for _ in range(8):
        assert pace.next_window(4 * MEBIBYTE) <= 4 * MEBIBYTE // pace.parallel


def test_slow_connections_are_many_within_a_second() -> None:
    pace, network = Pace(), Network(25e6)
    network.drive(pace, 1.0)
    assert pace.parallel == MOST


def test_a_network_that_is_full_gets_no_more_requests() -> None:
    pace = Pace()
    Network(400e6, 400e6).drive(pace, 0.75)
    assert pace.parallel == FEWEST


def test_more_requests_have_two_intervals_to_pay() -> None:
    pace, network = Pace(), Network(25e6)
    network.drive(pace, INTERVAL * 2)
    before, network.ceiling = pace.parallel, 25e6 * FEWEST
    assert before > FEWEST
    network.drive(pace, INTERVAL)
    network.ceiling = 1e12
    network.drive(pace, INTERVAL)
    assert pace.parallel > before


def test_a_window_takes_a_part_of_a_second_on_a_slow_connection() -> None:
    pace, network = Pace(), Network(8e6, 16e6)
    network.drive(pace, 2.0)
    sizes = [pace.next_window(SHARE) for _ in range(8)]
    assert SMALLEST < sizes[-1] < 8e6


def test_a_slow_reader_does_not_make_windows_small() -> None:
    pace, network = Pace(), Network(1e6)
    network.drive(pace, 2.0, waits=False)
    assert [pace.next_window(SHARE) for _ in range(8)][-1] == LARGEST


def test_a_reader_that_is_slower_than_the_network_gets_no_more_requests() -> None:
    pace = Pace()
    Network(25e6).drive(pace, 5.0, waits=False)
    assert pace.parallel == FEWEST


def test_a_429_halves_the_requests_and_holds_them_there() -> None:
    network = Network(25e6)
    pace = Pace(lambda: network.now)
    network.drive(pace, 1.0)
    for _ in range(MOST):
        pace.pressed()
    assert pace.parallel == MOST // 2
    assert pace.next_window(SHARE) == SMALLEST
    network.drive(pace, HOLD * INTERVAL / 2)
    assert pace.parallel == MOST // 2
    network.drive(pace, HOLD * INTERVAL)
    assert pace.parallel > MOST // 2
    for _ in range(9):
        network.now += TOGETHER
        pace.pressed()
    assert pace.parallel == 1
