"""An OpenID Connect provider as a process: ``… oidc_provider PORT KEY_FILE [CERTIFICATE]``.

It is Canaille with its memory backend. Every start makes the same client and users; KEY_FILE holds
the JSON Web Keys that it signs with, so that a test can change them. With CERTIFICATE, a file of
certificate and key, it speaks TLS.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson
from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from werkzeug.serving import make_server

CLIENT_IDS, CLIENT_SECRET = ("wangge-test", "another-app"), "a secret of the test's own"
REDIRECT_URI = "http://127.0.0.1:9/callback"
USERS = {"outside.one": "river stones 1", "outside.two": "river stones 2"}


def main(port: int, key_file: Path, certificate: str | None = None) -> None:
    scheme = "https" if certificate else "http"
    address = f"{scheme}://127.0.0.1:{port}"
    app = create_app(
        {
            "SECRET_KEY": "only for this test",
            "SERVER_NAME": f"127.0.0.1:{port}",
            "PREFERRED_URL_SCHEME": scheme,
            "SESSION_COOKIE_SECURE": False,
            "CANAILLE": {
                "DATABASE": "memory",
                "ENABLE_PASSWORD_COMPROMISSION_CHECK": False,
                "LOGGING": {"version": 1, "disable_existing_loggers": False},
            },
            "CANAILLE_OIDC": {
                "REQUIRE_NONCE": False,
                "TRUSTED_DOMAINS": [],
                "ACTIVE_JWKS": orjson.loads(key_file.read_bytes()),
            },
        },
        init_backend=True,
    )
    with app.app_context(), Backend.instance.session():
        for name, password in USERS.items():
            user = models.User(
                user_name=name,
                given_name=name,
                family_name="test",
                formatted_name=name,
                emails=[f"{name}@example.test"],
                password=password,
            )
            Backend.instance.save(user)
        for client_id in CLIENT_IDS:
            client = models.Client(
                client_id=client_id,
                client_secret=CLIENT_SECRET,
                client_name=client_id,
                client_uri=address,
                redirect_uris=[REDIRECT_URI],
                client_id_issued_at=datetime.now(UTC),
                grant_types=["authorization_code"],
                response_types=["code"],
                scope=["openid"],
                token_endpoint_auth_method="client_secret_basic",
                id_token_signed_response_alg="RS256",
            )
            Backend.instance.save(client)
            client.audience = [client]
            Backend.instance.save(client)
    tls = (certificate, certificate) if certificate else None
    make_server("127.0.0.1", port, app, threaded=True, ssl_context=tls).serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
