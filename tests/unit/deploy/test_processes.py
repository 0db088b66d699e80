from deploy.processes import PROCESSES, SERVICES


def process(name):
    return next(entry for entry in PROCESSES if entry.name == name)


def test_the_gateway_and_two_processes_a_service_make_fifteen():
    names = [entry.name for entry in PROCESSES]

    assert len(names) == len(set(names)) == 1 + 2 * len(SERVICES) == 15


def test_the_gateway_is_told_where_every_service_answers_and_no_database():
    assert process("gateway").peers == SERVICES
    assert not {"DATABASE_URL", "AMQP_URL"} & set(process("gateway").required)


def test_only_personnel_holds_the_key_that_signs_tokens():
    holders = [entry.name for entry in PROCESSES if "TOKEN_SIGNING_JWK" in entry.secrets]

    assert holders == ["personnel-grpc"]


def test_only_events_processes_hold_the_worker_login():
    for entry in PROCESSES:
        assert ("WORKER_DATABASE_URL" in entry.secrets) == entry.name.endswith("-events")


def test_an_events_process_calls_no_peer_and_serves_no_grpc():
    for entry in PROCESSES:
        if entry.name.endswith("-events"):
            assert entry.peers == ()
            assert entry.ports == ("METRICS_PORT",)


def test_a_service_gets_no_secret_of_another():
    for entry in PROCESSES:
        service = entry.name.rpartition("-")[0]
        foreign = [
            file
            for file in entry.secrets.values()
            if file.endswith("database_url") and not file.startswith(f"{service}.")
        ]
        assert foreign == []
