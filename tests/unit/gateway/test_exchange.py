"""Languages, ids and addresses of requests; ETags; pages; limits."""

import pytest

from gateway.app import address
from gateway.config import SERVICES, Config
from gateway.counts import ProcessCounts
from gateway.endpoint import matches
from gateway.exchange import Exchange, Scope, address_of, correlation_id_of, language_of
from gateway.kept import PublicAnswers
from gateway.pages import public_keys
from gateway.rates import Rates, Sizes, TooManyLogins, TooManyRequests
from gateway.recording import plain
from gateway.routes import ROUTES
from shared.config import ConfigError

SETTINGS = {
    "HTTP_PORT": "1",
    "METRICS_PORT": "2",
    "TOKEN_JWKS": '{"keys":[]}',
    **{f"{service.upper()}_GRPC_ADDR": "host:1" for service in SERVICES},
}


def scope(path: str = "/", query: bytes = b"", **headers: str) -> Scope:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {
        "method": "GET",
        "path": path,
        "query_string": query,
        "headers": pairs,
        "client": ("10.0.0.1", 4711),
    }


@pytest.mark.parametrize(
    ("decoded", "path"),
    [
        ("/v1/counties/430223/cases:x", "/v1/counties/430223/cases:x"),
        ("/v1/ä b/\x84", "/v1/%C3%A4%20b/%C2%84"),
        ("/v1/攸县", "/v1/%E6%94%B8%E5%8E%BF"),
        ("/100%?#", "/100%25%3F%23"),
    ],
)
def test_the_path_is_a_uri_again(decoded: str, path: str) -> None:
    assert Exchange(scope(path=decoded)).path == path


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,zh;q=0.9", "en"),
        ("en;q=0.3, zh-Hans;q=0.7", "zh"),
        ("zh;q=0", "en"),
        ("fr,*", "en"),
        ("zh;q=nonsense", "zh"),
    ],
)
def test_the_language_is_the_one_asked_for_most(header: str, language: str) -> None:
    assert language_of(header) == language


def test_a_sane_correlation_id_is_kept_and_another_is_made() -> None:
    assert correlation_id_of("patrol-app-42") == "patrol-app-42"
    assert correlation_id_of("x\ny-injected") != correlation_id_of("x\ny-injected")


def test_the_address_is_the_peer_s_unless_a_proxy_is_trusted() -> None:
    forwarded = scope(x_forwarded_for="1.1.1.1, 2.2.2.2, 3.3.3.3")

    assert address_of(forwarded, 0) == "10.0.0.1"
    assert address_of(forwarded, 1) == "3.3.3.3"
    assert address_of(forwarded, 2) == "2.2.2.2"
    assert address_of(scope(), 1) == "10.0.0.1"
    assert address_of(scope() | {"client": ("2001:db8::1", 5)}, 0) == "2001:db8::1"


def test_a_proxy_that_adds_a_header_of_its_own_is_heard_as_well() -> None:
    pairs = [(b"x-forwarded-for", b"1.1.1.1"), (b"x-forwarded-for", b"2.2.2.2")]

    assert address_of(scope() | {"headers": pairs}, 1) == "2.2.2.2"
    assert address_of(scope() | {"headers": pairs}, 2) == "1.1.1.1"


@pytest.mark.parametrize(
    ("if_none_match", "same"),
    [
        ('"3"', True),
        ('W/"3"', True),
        ('"1", "3"', True),
        ("*", True),
        ('"4"', False),
        (None, False),
    ],
)
def test_tags_are_compared_weakly(if_none_match: str | None, same: bool) -> None:
    assert matches(if_none_match, '"3"') is same


def test_templates_lose_their_converters_where_they_are_shown() -> None:
    for route in ROUTES:
        assert plain(address(route)) == route.path


def test_answers_are_kept_by_path_query_and_language_for_their_time() -> None:
    kept = PublicAnswers(60)
    asked = scope(path="/public/x", query=b"a=1", accept_language="zh")
    kept.keep(asked, "/public/x", '"1"', (), b"{}")

    assert kept.find(asked)
    assert kept.find(asked | {"query_string": b"a=2"}) is None
    assert kept.find(scope(path="/public/x", query=b"a=1", accept_language="en")) is None


def test_nothing_is_kept_for_no_time_nor_under_an_endless_query() -> None:
    endless = scope(path="/public/x", query=b"a" * 2000)
    for kept, asked in ((PublicAnswers(60), endless), (PublicAnswers(0), scope())):
        kept.keep(asked, "/public/x", '"1"', (), b"{}")
        assert kept.find(asked) is None


def test_logins_are_counted_by_account_and_address() -> None:
    rates = Rates(Sizes(login="1/minute"))
    rates.login("371427", "direct", "10.0.0.1")
    rates.login("371427", "direct", "10.0.0.2")
    rates.login("430223", "direct", "10.0.0.1")

    with pytest.raises(TooManyLogins) as refused:
        rates.login("371427", "direct", "10.0.0.1")
    assert 1 <= int(refused.value.metadata["retry_after"]) <= 60


def test_people_and_addresses_are_counted_apart() -> None:
    rates = Rates(Sizes(public="1/minute", person="1/minute"))
    rates.public("same")
    rates.person("same")

    with pytest.raises(TooManyRequests):
        rates.public("same")
    with pytest.raises(TooManyRequests):
        rates.person("same")


def test_a_private_key_in_the_key_set_is_not_shown() -> None:
    shown = public_keys('{"keys":[{"kty":"OKP","crv":"Ed25519","x":"a","d":"secret","kid":"1"}]}')

    assert shown == {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "a", "kid": "1"}]}


def test_a_limit_that_is_none_is_refused_at_the_start() -> None:
    with pytest.raises(ConfigError, match="often"):
        Config.from_env(SETTINGS | {"RATE_LIMIT_LOGIN": "often"})


def test_every_missing_setting_is_named_in_one_message() -> None:
    with pytest.raises(ConfigError) as refused:
        Config.from_env({})

    assert all(name in str(refused.value) for name in SETTINGS)


def test_counts_forget_windows_that_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.counts.FIRST_SWEEP", 10)
    counts = ProcessCounts()
    for number in range(11):
        counts.incr(f"over-{number}", -1)

    assert counts.incr("now", 60) == 1
    assert counts.incr("now", 60) == 2
    assert counts.get("over-1") == 0
    assert counts.reset() <= 2
