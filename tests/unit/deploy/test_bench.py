import pytest

from deploy.bench import pgbench, ratios, wrk
from deploy.bench.__main__ import main
from deploy.local.problems import LocalStackError

GOOD = 'WANGGE {"answered":500,"odd":0,"lost":0,"seconds":2.0,"p50_ms":1.0,"p99_ms":9.0,"text":""}'


def result(*pairs, goal=0.5):
    rounds = tuple(ratios.Round(ours, limit) for ours, limit in pairs)
    return ratios.Result("B9", "some work", goal, rounds)


def test_the_median_of_the_rounds_is_not_moved_by_one_disturbed_round():
    assert result((50, 100), (60, 100), (1, 100)).ratio == 0.5


def test_a_goal_is_reached_at_its_very_value():
    assert result((50, 100)).is_reached
    assert not result((49, 100)).is_reached


def test_ours_and_the_limit_take_turns_at_being_first():
    order = []

    def limit():
        order.append("limit")
        return 10.0

    def ours():
        order.append("ours")
        return 4.0

    rounds = ratios.in_turns(3, limit, ours)

    assert order == ["limit", "ours", "ours", "limit", "limit", "ours"]
    assert [each.ratio for each in rounds] == [0.4, 0.4, 0.4]


def test_the_table_says_what_was_reached_beside_its_goal():
    shown = ratios.table([result((1500, 2000), (1000, 2000)), result((1, 100))]).splitlines()

    assert "0.62" in shown[1]
    assert "0.50 – 0.75" in shown[1]
    assert "1,250" in shown[1]
    assert shown[1].endswith("reached")
    assert not shown[1].endswith("not reached")
    assert shown[2].endswith("not reached")


def test_the_table_names_what_is_not_measured_in_the_order_of_the_ids():
    shown = ratios.table([result((1, 2))], {"B4": "a finding until its case shows"}).splitlines()

    assert shown[1].startswith("B4  a finding until its case shows")
    assert shown[1].endswith("not measured")
    assert shown[2].startswith("B9")


@pytest.mark.parametrize(("name", "said"), [("B4", "not measured yet"), ("B99", "there is no B99")])
def test_what_is_not_measured_is_not_begun(name, said, capsys):
    with pytest.raises(SystemExit):
        main([name])

    assert said in capsys.readouterr().err


def test_a_run_whose_every_answer_was_wanted_gives_its_rate():
    assert wrk.read(f"Running 2s test\n{GOOD}\n").per_second == 250.0


@pytest.mark.parametrize(
    ("good", "bad"),
    [('"odd":0', '"odd":3'), ('"lost":0', '"lost":1'), ('"answered":500', '"answered":0')],
)
def test_a_run_with_any_other_answer_is_refused(good, bad):
    with pytest.raises(LocalStackError, match="not as wanted"):
        wrk.read(GOOD.replace(good, bad))


def test_no_body_leaves_its_lua_string():
    script = wrk.posting("/path", [("token", "a ]=] os.exit() ]==] b")], "run")

    assert "[===[a ]=] os.exit() ]==] b]===]" in script


def test_the_rows_of_a_submission_are_written_with_fresh_keys_and_equal_values():
    own = {"county_id": "430223", "patrol_id": "p"}
    rows = {
        "patrols": [
            {**own, "patroller_id": "q", "client_id": "c", "number": "7", "summary": "it's"}
        ],
        "findings": [{**own, "finding_id": "f", "longitude": "113.5", "source_ids": "{}"}],
        "outbox": [{"event_id": n, "body": "\\x7b", "published_at": None} for n in "xy"],
        "idempotency_keys": [{"actor_id": "q", "key": "k", "response": "\\x00"}],
    }

    script = pgbench.script("430223", rows)

    assert "E'it''s'" in script
    assert "E'113.5'" in script
    assert "E'{}'" in script
    assert script.count("E'\\\\x7b'") == 2
    assert script.count("E'\\\\x00'") == 1
    assert script.count("INSERT INTO") == 4
    assert "E'p'" not in script
    assert "E'k'" not in script
    assert "E'7'" not in script
    assert script.index("BEGIN;") < script.index("set_config") < script.index("INSERT")


def test_a_colon_in_a_value_is_no_variable_of_pgbench():
    assert pgbench._literal("a:b\\c") == "E'a\\u003ab\\\\c'"
