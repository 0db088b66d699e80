import pytest
from supervisor.options import ServerOptions

from deploy.local import supervisor
from deploy.local.problems import LocalStackError
from deploy.local.state import State
from deploy.processes import PROCESSES


def by_name(name):
    return next(process for process in PROCESSES if process.name == name)


@pytest.fixture
def state(tmp_path):
    made = State(tmp_path / "of our own; and")
    made.create()
    return made


def parsed(state, environ):
    """What the supervisor itself makes of the configuration."""
    path = state.root / "supervisord.conf"
    path.write_text(supervisor.render(state, supervisor.deal_ports(21_000), environ))
    state.create_short_directory()
    options = ServerOptions()
    options.realize(["-c", str(path)])
    group = options.configroot.supervisord.process_group_configs[0]
    state.short_directory.rmdir()
    return {program.name: program for program in group.process_configs}


def test_ports_are_consecutive_and_the_gateway_has_the_first():
    dealt = supervisor.deal_ports(21_000)

    every = [port for own in dealt.values() for port in own.values()]
    assert every == list(range(21_000, 21_000 + 23))
    assert dealt["gateway"] == {"HTTP_PORT": 21_000, "METRICS_PORT": 21_001}


def test_a_process_is_told_all_it_requires_and_its_secrets_only_by_file(tmp_path):
    ports = supervisor.deal_ports(21_000)
    for process in PROCESSES:
        told = supervisor.environment_of(process, ports, tmp_path, {})
        for name in process.required:
            assert (f"{name}_FILE" if name in process.secrets else name) in told


def test_a_peer_is_found_where_its_process_listens(tmp_path):
    ports = supervisor.deal_ports(21_000)

    told = supervisor.environment_of(by_name("personnel-grpc"), ports, tmp_path, {})

    assert told["GRID_GRPC_ADDR"] == f"127.0.0.1:{ports['grid-grpc']['GRPC_PORT']}"


def test_tuning_passes_through_and_other_settings_do_not(tmp_path):
    environ = {"LOG_LEVEL": "DEBUG", "DATABASE_URL": "postgresql://elsewhere", "HOME": "/root"}

    told = supervisor.environment_of(
        by_name("cases-grpc"), supervisor.deal_ports(21_000), tmp_path, environ
    )

    assert told["LOG_LEVEL"] == "DEBUG"
    assert not {"DATABASE_URL", "HOME"} & set(told)


def test_the_supervisor_reads_back_every_program_even_from_a_folder_with_odd_letters(state):
    programs = parsed(state, {})

    assert set(programs) == {process.name for process in PROCESSES}
    cases = programs["cases-events"]
    assert cases.command.endswith(" -m services.cases.serve_events")
    assert cases.autorestart
    assert cases.environment["AMQP_URL_FILE"] == str(state.secrets / "amqp_url")
    assert cases.stdout_logfile == str(state.logs / "cases-events.log")


def test_a_value_the_configuration_cannot_carry_is_refused(state):
    with pytest.raises(LocalStackError, match="a quote"):
        supervisor.render(state, supervisor.deal_ports(21_000), {"LOG_LEVEL": 'a"b'})
