import socket

import pytest

from deploy.local import ports
from deploy.local.state import State


@pytest.fixture
def state(tmp_path):
    made = State(tmp_path)
    made.create()
    return made


@pytest.fixture
def listener():
    with socket.create_server((ports.LOOPBACK, 0)) as server:
        yield server


def test_a_port_somebody_listens_on_is_not_free(listener):
    assert not ports.is_free(listener.getsockname()[1])


def test_a_block_steps_over_a_taken_port():
    base = ports.free_block(3, 26_000)
    with socket.create_server((ports.LOOPBACK, base + 1)):
        other = ports.free_block(3, base)

    assert base + 1 not in range(other, other + 3)


def test_the_default_ports_of_other_programs_are_left_alone():
    for start in (25_670, 27_016):
        base = ports.free_block(4, start)
        assert not {25_672, 27_017, 27_018} & set(range(base, base + 4))


def test_a_block_is_remembered_and_chosen_anew_only_when_taken(state):
    first = ports.remembered_block(state, "rabbitmq", 3)
    assert ports.remembered_block(state, "rabbitmq", 3) == first

    with socket.create_server((ports.LOOPBACK, first + 2)):
        second = ports.remembered_block(state, "rabbitmq", 3)

    assert first + 2 not in range(second, second + 3)
    assert ports.remembered_block(state, "rabbitmq", 3) == second


def test_two_purposes_of_one_stack_never_overlap(state):
    postgres = ports.remembered_block(state, "postgres", 1)
    processes = ports.remembered_block(state, "processes", 23)

    assert postgres not in range(processes, processes + 23)
