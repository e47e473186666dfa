"""Settings: where values come from, and that a wrong one is named."""

from pathlib import Path
from typing import Any

import pytest

from app.security.origins import Origins
from app.settings_loader import (
    SettingsError,
    load_settings,
    places,
    unknown_variables,
    with_secret,
)


def test_the_presets_differ_as_documented() -> None:
    production = load_settings({}, {})
    development = load_settings({"preset": "development"}, {})
    limits = [
        "websocket_max_connections",
        "sse_buffer_size",
        "broadcast_channel_capacity",
        "heartbeat_interval",
        "connection_timeout",
    ]
    assert [getattr(production, name) for name in limits] == [10_000, 100, 1000, 30, 60]
    assert [getattr(development, name) for name in limits] == [100, 10, 100, 60, 300]


def test_the_command_line_wins_over_environment_file_and_preset(tmp_path: Path) -> None:
    file = tmp_path / "parley.toml"
    file.write_text("port = 1001\nsse_buffer_size = 1\nheartbeat_interval = 5\n")
    environ = {"PARLEY_PORT": "1002", "PARLEY_SSE_BUFFER_SIZE": "2"}
    settings = load_settings({"port": "1003", "host": None}, environ, file)
    assert (settings.port, settings.sse_buffer_size, settings.heartbeat_interval) == (1003, 2, 5.0)


def test_a_single_value_wins_over_its_preset() -> None:
    environ = {"PARLEY_PRESET": "development", "PARLEY_SSE_BUFFER_SIZE": "77"}
    settings = load_settings({}, environ)
    assert (settings.sse_buffer_size, settings.connection_timeout) == (77, 300)


def test_lists_and_yes_or_no_come_from_the_environment() -> None:
    settings = load_settings(
        {},
        {
            "PARLEY_ALLOWED_ORIGINS": "https://a.example, https://b.example",
            "PARLEY_TRUSTED_PROXIES": "127.0.0.1",
            "PARLEY_BEHIND_TLS": "true",
            "PARLEY_DATA_DIR": "/var/lib/parley",
        },
    )
    assert settings.allowed_origins == ("https://a.example", "https://b.example")
    assert settings.trusted_proxies == ("127.0.0.1",)
    assert settings.behind_tls is True
    assert settings.data_dir == Path("/var/lib/parley")


def test_lists_come_from_the_file(tmp_path: Path) -> None:
    file = tmp_path / "parley.toml"
    file.write_text('allowed_origins = ["https://a.example"]\ndata_dir = "elsewhere"\n')
    settings = load_settings({}, {}, file)
    assert settings.allowed_origins == ("https://a.example",)
    assert settings.data_dir == Path("elsewhere")


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    assert load_settings({}, {"MONGODB_URL": "", "PARLEY_PORT": ""}).mongodb_url is None


# Origins that no browser sends, so that they would match nothing.
NEVER_SENT = (
    "https://a.example,b.example",
    "https://a.example/chat",
    "https://a.example/",
    "https://a.example?",
    "https://a.example#",
    "https://*.example",
    "https://*",
    "*",
    "null",
    "https://",
    "https://:443",
    "https://a.example:",
    "https://a.example:0",
    "https://a.example:65536",
    "https://a.example:99999999999999999999",
    "https://a.example:http",
    "https://user@a.example",
    "https://user:word@a.example",
    "https://b\u00fccher.example",
    "https://\u7b2c\u4e00",
    "https://a..example",
    "https://.example",
    "https://a b.example",
    "https://a%2eb.example",
    "https://-a.example",
    "https://" + "a" * 64 + ".example",
    "https://127.1",
    "https://0x7f.0.0.1",
    "https://2130706433",
    "https://[::1",
    "https://[0:0::1]",
    "https://[fe80::1%25eth0]",
    "https://[127.0.0.1]",
    "https:/a.example",
    "https:a.example",
    "//a.example",
    "ws://a.example",
    "ftp://a.example",
    "file://",
    "a.example",
    "https://a.example\\b",
)


@pytest.mark.parametrize(
    "origin",
    [
        "https://a.example",
        "HTTPS://Chat.Example:8443",
        "http://localhost:3000",
        "http://127.0.0.1:1",
        "https://[::1]:65535",
        "https://xn--bcher-kva.example",
        "https://a_b.example",
        "http://intranet",
    ],
)
def test_an_origin_that_browsers_send_is_taken(origin: str) -> None:
    settings = load_settings({}, {"PARLEY_ALLOWED_ORIGINS": origin})
    assert Origins(settings).allows(origin.lower(), "elsewhere.example", "http")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "::1", "localhost", "chat.example.org"])
def test_what_can_be_listened_on_is_taken(host: str) -> None:
    assert load_settings({"host": host}, {}).host == host


def test_a_variable_that_is_no_setting_is_found() -> None:
    environ = {"PARLEY_PROT": "1", "PARLEY_MONGODB_URL": "", "PARLEY_TOKEN": "x", "PATH": ""}
    assert unknown_variables(environ) == {
        "PARLEY_PROT": "PARLEY_PORT",
        "PARLEY_MONGODB_URL": "MONGODB_URL",
    }


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PARLEY_PORT", "eighty"),
        ("PARLEY_PORT", "70000"),
        ("PARLEY_PORT", "-1"),
        ("PARLEY_PRESET", "staging"),
        ("PARLEY_REGISTRATION", "closed"),
        ("PARLEY_HEARTBEAT_INTERVAL", "0"),
        ("PARLEY_HEARTBEAT_INTERVAL", "nan"),
        ("PARLEY_CONNECTION_TIMEOUT", "inf"),
        ("PARLEY_MESSAGES_PER_MINUTE", "-5"),
        ("PARLEY_MESSAGES_PER_MINUTE", "1.5"),
        ("PARLEY_WEBSOCKET_MAX_CONNECTIONS", "0"),
        ("PARLEY_BEHIND_TLS", "perhaps"),
        *(("PARLEY_ALLOWED_ORIGINS", origin) for origin in NEVER_SENT),
        ("PARLEY_TRUSTED_PROXIES", "proxy.example"),
        ("PARLEY_TRUSTED_PROXIES", "*"),
        ("PARLEY_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("PARLEY_TRUSTED_PROXIES", "127.0.0.1, 10.0.0.1:80"),
        ("PARLEY_TRUSTED_PROXIES", "0.0.0.0/0"),
        ("PARLEY_TRUSTED_PROXIES", "::/0"),
        ("PARLEY_TRUSTED_PROXIES", "::ffff:10.0.0.1"),
        ("PARLEY_SECRET", "short"),
        ("PARLEY_HOST", "http://0.0.0.0"),
        ("PARLEY_HOST", "127.0.0.1:8000"),
        ("PARLEY_HOST", "127.1"),
        ("PARLEY_HOST", "*"),
        ("PARLEY_HOST", "a host"),
        ("MONGODB_URL", "localhost:27017"),
        ("MONGODB_URL", "mongodb://db\n"),
        ("REDIS_URL", "localhost:6379"),
        ("PARLEY_PUSH_CONTACT", "mailto:"),
        ("PARLEY_PUSH_CONTACT", "https://"),
        ("PARLEY_PUSH_CONTACT", "admin@example.org"),
    ],
)
def test_a_wrong_value_is_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        load_settings({}, {variable: value})


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("port = 'x'", "port"),
        ("prot = 1", "prot.*Did you mean port"),
        ("heartbeat_interval = true", "heartbeat_interval"),
        ("port = ", "can't be read"),
    ],
)
def test_a_wrong_file_is_named(content: str, named: str, tmp_path: Path) -> None:
    file = tmp_path / "parley.toml"
    file.write_text(content)
    with pytest.raises(SettingsError, match=named):
        load_settings({}, {}, file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.toml"):
        load_settings({}, {}, tmp_path / "nowhere.toml")


def test_the_secret_is_made_once_and_private(tmp_path: Path) -> None:
    given: dict[str, Any] = {"data_dir": tmp_path / "data"}
    first = with_secret(load_settings(given, {}))
    second = with_secret(load_settings(given, {}))
    assert first.secret == second.secret
    assert len(first.secret) == 64
    assert (tmp_path / "data" / "secret").stat().st_mode & 0o777 == 0o600


def test_a_given_secret_is_kept_out_of_the_folder(tmp_path: Path) -> None:
    given: dict[str, Any] = {"data_dir": tmp_path / "data"}
    settings = with_secret(load_settings(given, {"PARLEY_SECRET": "from elsewhere"}))
    assert settings.secret == "from elsewhere"
    assert not (tmp_path / "data").exists()


def test_no_secret_shows_when_settings_are_printed() -> None:
    settings = load_settings(
        {}, {"PARLEY_SECRET": "tulip-fields", "MONGODB_URL": "mongodb://ana:tulip@db"}
    )
    assert "tulip" not in repr(settings)


def test_each_value_names_where_it_comes_from(tmp_path: Path) -> None:
    file = tmp_path / "parley.toml"
    file.write_text("sse_buffer_size = 1\nregistration = 'open'\n")
    environ = {"PARLEY_PRESET": "development", "PARLEY_SSE_BUFFER_SIZE": "2"}
    found = places({"port": "1003", "host": None}, environ, file)
    assert found["port"] == "--port"
    assert found["sse_buffer_size"] == "PARLEY_SSE_BUFFER_SIZE"
    assert found["registration"] == str(file)
    assert found["heartbeat_interval"] == "preset development"
    assert found["host"] == "default"
