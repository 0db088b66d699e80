import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from shared.errors import Aborted, require_version
from shared.ids import new_id


def test_ids_sort_as_they_were_made():
    made = [new_id() for _ in range(1_000)]

    assert all(one < other for one, other in pairwise(made))
    assert {each.version for each in made} == {7}


def milliseconds(made):
    return made.int >> 80


def test_ids_made_at_full_speed_stay_with_the_clock():
    ahead = []
    for _ in range(100_000):
        made = new_id()
        ahead.append(milliseconds(made) - time.time_ns() // 1_000_000)

    assert max(ahead) <= 1


def test_ids_of_threads_beside_each_other_are_unique_and_in_order_within_each():
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: [new_id() for _ in range(10_000)], range(4)))

    assert all(one < other for each in made for one, other in pairwise(each))
    assert len({one for each in made for one in each}) == 40_000


@pytest.mark.parametrize(("given", "actual"), [(0, 4), (4, 4)])
def test_a_version_that_was_seen_or_none_will_do(given, actual):
    require_version(given, actual)


@pytest.mark.parametrize("given", [3, 5, -1])
def test_another_version_is_refused_with_both(given):
    with pytest.raises(Aborted) as caught:
        require_version(given, 4)

    assert caught.value.metadata == {"expected": str(given), "actual": "4"}
