"""A configuration works, or one message names file, key and cure."""

import grp
import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from store_agent.config.api import Tls
from store_agent.config.credentials import Credentials, addresses_of, credentials_of, proxy_secret_of, secret_of
from store_agent.config.digest import digests_of
from store_agent.config.exposure import exposed_mode, files_with_secrets
from store_agent.config.load import load, managers_group_of
from store_agent.config.printers import Printer
from store_agent.config.settings import Settings
from store_agent.config.upstream import Address, Proxy
from store_agent.errors import ConfigurationError
from tests.support.agent import config_text

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


ALTERNATIVES = ('key_file = "/etc/store-agent/cloud_', "secret_file", "ca_file")


def uncommented(text: str) -> str:
    """Turn every `# key = value` and `# [table]` into a setting, the alternatives of the secret left out."""
    lines = [line.removeprefix("# ") if " = " in line or line.startswith("# [") else line for line in text.splitlines()]
    return "\n".join(line for line in lines if not line.startswith(ALTERNATIVES))


@pytest.fixture
def write(tmp_path: Path) -> Any:
    def written(**sections: dict[str, Any]) -> Path:
        path = tmp_path / "config.toml"
        path.write_text(config_text(tmp_path, "http://127.0.0.1:9", 8750, **sections))
        return path

    return written


def test_the_example_can_be_used() -> None:
    load(EXAMPLE)


def test_the_example_shows_every_key_with_its_default(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(uncommented(EXAMPLE.read_text()))
    assert without_defaults(load(path)) == load(EXAMPLE)
    shown = tomllib.loads(path.read_text())
    assert (
        set(shown["cloud"]["core"])
        == set(shown["cloud"]["connect"])
        == set(Address.model_fields) - {"secret_file", "key_file"}
    )
    assert set(shown["cloud"]["proxy"]) == set(Proxy.model_fields) - {"secret_file"}
    assert set(shown["api"]["tls"]) == set(Tls.model_fields)
    assert set(shown["printers"]["counter"]) | set(shown["printers"]["kitchen"]) == set(Printer.model_fields)
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if name == "printers":
            continue
        assert isinstance(section, type)
        assert issubclass(section, BaseModel)
        assert set(shown[name]) | ({"secret_file", "key_file", "ca_file"} if name == "cloud" else set()) == set(
            section.model_fields
        )


def without_defaults(settings: Settings) -> Settings:
    """Leave out what has no default: the platform's other addresses, TLS, and printers but for their keys."""
    defaults = {name: field.default for name, field in Printer.model_fields.items() if not field.is_required()}
    own = {"kind", "host", "path", "terminals", "baud", "flow_control"}
    for printer in settings.printers.values():
        assert {name: getattr(printer, name) for name in defaults} | dict.fromkeys(own) == defaults | dict.fromkeys(own)
    cloud = settings.cloud.model_copy(update={"core": None, "connect": None, "proxy": None})
    api = settings.api.model_copy(update={"tls": None})
    return settings.model_copy(update={"cloud": cloud, "api": api, "printers": {}})


def test_an_example_that_shows_another_default_would_be_noticed(tmp_path: Path) -> None:
    """The control for the test above."""
    path = tmp_path / "config.toml"
    path.write_text(uncommented(EXAMPLE.read_text()).replace("port = 8750", "port = 8751"))
    assert without_defaults(load(path)) != load(EXAMPLE)


@pytest.mark.parametrize(
    ("sections", "words"),
    [
        ({"metrics": {"textfile": "store_agent.txt"}}, "metrics.textfile: must end in .prom"),
        ({"cloud": {"base_ulr": "x"}}, "cloud.base_ulr: is not a known key; did you mean base_url?"),
        ({"cluod": {"key": "x"}}, "cluod: is not a known key; did you mean cloud?"),
        ({"api": {"host": "0.0.0.0"}}, "api.host: must be an address of this machine"),  # noqa: S104 - refused
        ({"api": {"host": "192.168.1.10"}}, "for them set [api.tls] with certificate_file and key_file"),
        ({"api": {"host": "agent.store"}}, "api.host: must be an address in numbers"),
        ({"api.tls": {"certificate_file": "/x"}}, "api.tls.key_file: is missing"),
        ({"api": {"allowed_origins": ["*"]}}, "api.allowed_origins.0: '*' is no origin as browsers send it"),
        ({"api": {"allowed_origins": ["null"]}}, "is no origin as browsers send it"),
        ({"api": {"allowed_origins": ["https://pos.example.com/"]}}, "is no origin as browsers send it"),
        ({"api": {"allowed_origins": ["https://POS.example.com"]}}, "is no origin as browsers send it"),
        ({"api": {"allowed_origins": ["https://pos.example.com:443"]}}, "is no origin as browsers send it"),
        ({"api": {"rate_per_second": 0}}, "api.rate_per_second: "),
        ({"api": {"port": 70_000}}, "api.port: "),
        ({"drain": {"batch_max": 11}}, "drain.batch_max: "),
        ({"cloud": {"base_url": "pos.example.com"}}, "cloud.base_url: "),
        ({"cloud": {"read_timeout_seconds": 0}}, "cloud.read_timeout_seconds: "),
        ({"receipts": {"mode": "sometimes"}}, "receipts.mode: "),
        ({"receipts": {"qr_scale": 0}}, "receipts.qr_scale: "),
        ({"receipts": {"error_correction": "x"}}, "receipts.error_correction: "),
        ({"receipts": {"quiet_zone": 1}}, "receipts.quiet_zone: "),
        ({"store": {"store_id": ""}}, "store.store_id: "),
        ({"cloud": {"base_url": "http://host:port"}}, "cloud.base_url: must have a port"),
        ({"cloud": {"secret": ""}}, "cloud.secret: "),
        ({"api": {"managers_group": "managers"}}, "api: managers_group is set, and socket is not"),
        ({"api": {"socket": "/run/" + "é" * 52}}, "is longer than 107 bytes"),
        ({"api": {"socket": "x" * 107}}, "is longer than 107 bytes"),
        ({"cloud": {"base_url": "http://pos.example.com"}}, "cloud.base_url: must begin with https://"),
        ({"cloud": {"base_url": "https://me:hidden@pos.example.com"}}, "cloud.base_url: must not hold a name or a"),
        ({"cloud.core": {"base_url": "http://192.0.2.1"}}, "cloud.core.base_url: must begin with https://"),
        ({"cloud": {"key_file": "/x"}}, "key and key_file are both set"),
        ({"cloud.proxy": {"url": "http://me:hidden@proxy"}}, "cloud.proxy.url: must not hold a name or a password"),
        ({"cloud.proxy": {"url": "socks5://proxy"}}, "cloud.proxy.url: "),
        ({"cloud.proxy": {"url": "http://proxy:x"}}, "cloud.proxy.url: must have a port"),
        ({"cloud.proxy": {"url": "http://proxy", "secret": "hidden"}}, "cloud.proxy: user is missing"),
        ({"cloud": {"secret_file": "/x"}}, "secret and secret_file are both set"),
        ({"printers.bar": {"kind": "network"}}, 'printers.bar: a printer of the kind "network" needs a host'),
        ({"printers.bar": {"kind": "file", "host": "x"}}, 'printers.bar: a printer of the kind "file" needs a path'),
        ({"printers.bar": {"kind": "device", "path": "lp0"}}, "printers.bar: path must begin with /"),
        ({"printers.bar": {"kind": "usb"}}, "printers.bar.kind: "),
        ({"printers.bar": {"kind": "device", "path": "/dev/ttyS0", "baud": 9601}}, "printers.bar.baud: "),
        ({"printers.bar": {"kind": "file", "path": "/x", "baud": 9600}}, 'are for a printer of the kind "device"'),
        ({"printers.bar": {"kind": "network", "host": "x", "flow_control": "none"}}, "baud and flow_control are for"),
        ({"printers.bar": {"kind": "file", "path": "/x", "cot": True}}, "is not a known key; did you mean cut?"),
        ({"printers.bar": {"kind": "file", "path": "/x", "width_mm": 70}}, "printers.bar.width_mm: "),
        ({'printers."the bar"': {"kind": "file", "path": "/x"}}, "printers.the bar: its name must be 1 to 64 letters"),
        ({"printing": {"keep_hours": 0}}, "printing.keep_hours: "),
    ],
)
def test_a_wrong_key_is_named(write: Any, sections: dict[str, Any], words: str) -> None:
    path = write(**sections)
    with pytest.raises(ConfigurationError) as refused:
        load(path)
    assert str(path) in str(refused.value)
    assert words in str(refused.value)
    assert "hidden" not in str(refused.value)


def test_it_is_clear_where_a_terminal_s_receipts_come_out(write: Any) -> None:
    one = {"kind": "file", "path": "/tmp/one"}  # noqa: S108 - nothing is written there
    other = {"kind": "network", "host": "192.168.1.50"}
    with pytest.raises(ConfigurationError, match="printers one and other have no terminals, and only one can be"):
        load(write(**{"printers.one": one, "printers.other": other}))
    shared = {"terminals": ["lane-1"]}
    with pytest.raises(ConfigurationError, match="lane-1 is among the terminals twice"):
        load(write(**{"printers.one": one | shared, "printers.other": other | shared}))
    found = load(write(**{"printers.one": one | {"terminals": []}, "printers.other": other})).printers
    assert (found["one"].terminals, found["other"].terminals) == ((), None)


def test_the_socket_is_below_the_storage_directory_or_where_it_says(write: Any, tmp_path: Path) -> None:
    assert load(write()).managers_socket is None
    assert load(write(api={"socket": "", "managers_group": ""})).managers_socket is None
    assert load(write(api={"socket": "managers.sock"})).managers_socket == tmp_path / "data" / "managers.sock"
    longest = "/run/" + "x" * 102
    assert load(write(api={"socket": longest})).managers_socket == Path(longest)


def test_a_group_is_known_or_named_with_the_cure(write: Any) -> None:
    known = grp.getgrgid(0)
    assert managers_group_of(load(write()).api) is None
    assert managers_group_of(load(write(api={"socket": "s", "managers_group": known.gr_name})).api) == 0
    with pytest.raises(ConfigurationError, match=r"api\.managers_group: there is no group nobodys .* groupadd"):
        managers_group_of(load(write(api={"socket": "s", "managers_group": "nobodys"})).api)


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[store]\n[receipts]\n")
    with pytest.raises(ConfigurationError) as refused:
        load(path)
    for words in (
        "store.store_id: is missing",
        "store.client_id: is missing",
        "cloud: is missing",
        "receipts: base_url",
    ):
        assert words in str(refused.value)


def test_receipts_need_an_address_unless_they_are_off(write: Any) -> None:
    text = write(receipts={"mode": "off"}).read_text()
    path = write()
    path.write_text(text.replace('base_url = "https://rewards.example.com/r"\n', ""))
    assert load(path).receipts.base_url is None


@pytest.mark.parametrize(("content", "words"), [(b"[store", "is not TOML"), (b"\xff\xfe", "is not TOML")])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=words):
        load(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path / "nothing.toml")


def test_the_environment_comes_before_the_file(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE_AGENT_CLOUD__SECRET", "from-outside")
    monkeypatch.setenv("STORE_AGENT_API__PORT", "9999")
    found = load(write())
    assert secret_of(found.cloud) == "from-outside"
    assert found.api.port == 9999
    assert found.cloud.key == "sandbox-key"


@pytest.mark.parametrize("section", ["cloud", "cloud.core", "cloud.connect", "cloud.proxy"])
def test_a_credential_from_the_environment_comes_before_a_file_that_is_named(
    write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, section: str
) -> None:
    path = write(**{"cloud.proxy": {"url": "http://proxy", "user": "u", "secret": "x"}})
    head, table = path.read_text().split(f"[{section}]\n")
    path.write_text(f"{head}[{section}]\n{table.replace('secret = ', 'secret_file = ', 1)}")
    monkeypatch.setenv(f"STORE_AGENT_{section.upper().replace('.', '__')}__SECRET", "from-outside")
    cloud = load(path).cloud
    found = proxy_secret_of(cloud) if section == "cloud.proxy" else secret_of(dict(addresses_of(cloud))[section])
    assert found == "from-outside"


def test_a_file_from_the_environment_comes_before_a_credential_and_two_from_there_are_refused(
    write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "apart").write_text("kept apart\n")
    monkeypatch.setenv("STORE_AGENT_CLOUD__SECRET_FILE", str(tmp_path / "apart"))
    assert secret_of(load(write()).cloud) == "kept apart"
    monkeypatch.setenv("STORE_AGENT_CLOUD__SECRET", "another")
    with pytest.raises(ConfigurationError, match="are both set"):
        load(write())


def test_a_variable_that_cannot_be_read_is_named(write: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORE_AGENT_API__ALLOWED_HOSTS", "pos.local")
    with pytest.raises(ConfigurationError, match="api"):
        load(write())


@pytest.mark.parametrize("name", ["STORE_AGENT_CLOUD__SECRETT", "STORE_AGENT_CLUOD__SECRET"])
def test_a_variable_that_means_nothing_is_named(write: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "x")
    with pytest.raises(ConfigurationError, match="(?i)secrett|STORE_AGENT_CLUOD"):
        load(write())


def without_secret(path: Path) -> Path:
    path.write_text(path.read_text().replace('secret = "sandbox-secret"\n', ""))
    return path


def test_the_secret_comes_from_a_file_or_from_systemd(
    write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "cloud_secret"
    file.write_text("kept apart\n")
    assert secret_of(load(without_secret(write(cloud={"secret_file": str(file)}))).cloud) == "kept apart"
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert secret_of(load(without_secret(write())).cloud) == "kept apart"


def test_a_secret_that_cannot_be_read_is_named(write: Any, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cloud\.secret is missing"):
        secret_of(load(without_secret(write())).cloud)
    for path in (tmp_path / "nothing", tmp_path):
        with pytest.raises(ConfigurationError, match="cannot be read"):
            secret_of(load(without_secret(write(cloud={"secret_file": str(path)}))).cloud)
    (tmp_path / "empty").touch()
    with pytest.raises(ConfigurationError, match="is empty"):
        secret_of(load(without_secret(write(cloud={"secret_file": str(tmp_path / "empty")}))).cloud)


def test_a_configuration_is_told_by_digests_that_know_no_secret_G16(write: Any) -> None:
    before, another = (digests_of(load(write(cloud={"secret": secret}))) for secret in ("first-secret", "second"))
    assert before == another
    assert before["cloud.secret"] != before["cloud.secret_file"]
    changed = digests_of(load(write(drain={"batch_max": 7})))
    assert {key for key in changed if changed[key] != before[key]} == {"drain.batch_max"}


def test_a_secret_is_not_shown_by_accident_G16(write: Any) -> None:
    assert "sandbox-secret" not in repr(load(write()))
    assert "sandbox-key" not in repr(load(write()))


@pytest.mark.parametrize("section", ["cloud", "cloud.core", "cloud.connect"])
def test_every_credential_comes_from_a_file_from_systemd_or_the_environment(
    write: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, section: str
) -> None:
    for name in ("key", "secret"):
        (tmp_path / f"{section.replace('.', '_')}_{name}").write_text(f"{name} of {section}\n")

    def read(**keys: str) -> Credentials:
        path = write()
        text = path.read_text()
        table = next(part for part in text.split("[") if part.startswith(f"{section}]"))
        kept = "\n".join(line for line in table.splitlines() if not line.startswith(("key", "secret")))
        kept += "".join(f'\n{key} = "{value}"' for key, value in keys.items()) + "\n"
        path.write_text(text.replace(table, kept))
        return credentials_of(dict(addresses_of(load(path).cloud))[section], section)

    wanted = Credentials(f"key of {section}", f"secret of {section}")
    with pytest.raises(ConfigurationError, match=rf"{section}\.key is missing.*{section}\.key_file"):
        read()
    files = {f"{name}_file": f"{tmp_path}/{section.replace('.', '_')}_{name}" for name in ("key", "secret")}
    assert read(**files) == wanted
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert read() == wanted
    assert "secret of" not in repr(wanted)
    for name in ("KEY", "SECRET"):
        monkeypatch.setenv(f"STORE_AGENT_{section.upper().replace('.', '__')}__{name}", f"{name} from outside")
    assert read() == Credentials("KEY from outside", "SECRET from outside")


def test_files_with_credentials_that_others_can_read_are_found(write: Any, tmp_path: Path) -> None:
    apart = tmp_path / "apart"
    apart.write_text("x")
    path = write(**{"cloud.proxy": {"url": "http://proxy", "user": "u", "secret_file": str(apart)}})
    assert list(files_with_secrets(path)) == [path, apart]
    tls = write(**{"api.tls": {"certificate_file": "agent.pem", "key_file": "agent.key"}})
    assert list(files_with_secrets(tls))[-1] == Path("agent.key")
    for mode, told in ((0o600, ""), (0o640, ""), (0o644, "0644"), (0o660, "0660")):
        apart.chmod(mode)
        assert exposed_mode(apart) == told
    assert exposed_mode(tmp_path / "nothing") == ""
