"""To another machine mails and passwords go encrypted, and only to a server that proves who it is."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from email.message import EmailMessage

import pytest

from app.mail.transport import ServerAway, hand_over
from app.settings import MailServer as Server
from app.settings import Settings
from tests.mail_server import MailServer

OPENSSL = shutil.which("openssl")
pytestmark = pytest.mark.skipif(OPENSSL is None, reason="certificates are made with the openssl command")
OWN, STRANGE = "IP:127.0.0.1", "DNS:elsewhere.example"


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """The file of one for this machine and of one for another, by the name that they give; each with its key."""
    folder = tmp_path_factory.mktemp("certificates")
    files = {OWN: folder / "own.pem", STRANGE: folder / "strange.pem"}
    for name, file in files.items():
        kind = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        named = ["-subj", "/CN=mail", "-addext", f"subjectAltName={name}"]
        made = [OPENSSL, *kind, *named, "-keyout", str(file), "-out", f"{file}.only"]
        subprocess.run(made, check=True, capture_output=True)
        file.write_bytes(file.read_bytes() + file.with_suffix(".pem.only").read_bytes())
    return files


@pytest.fixture
def serve(certificates):
    """Starts a server that shows the certificate of this name, and takes mails only encrypted and with a password."""
    servers = []

    def start(name, *, scheme):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificates[name])
        way = {"tls_context": context, "require_starttls": True} if scheme == "smtp" else {"ssl_context": context}
        server = MailServer(**way, auth_required=True, auth_require_tls=scheme == "smtp")
        server.options["authenticator"] = server.authenticate
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


def send_to(server, *, scheme):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "commons@example.org", "ama@example.org", "An answer"
    message.set_content("Gate 4 takes them.")
    address = f"{scheme}://ama:secret@127.0.0.1:{server.port}"
    hand_over(message, server=Server.of(address), settings=Settings())


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize(
    ("shown", "trusted", "said"),
    [
        (OWN, OWN, None),
        (OWN, STRANGE, "certificate verify failed"),
        (STRANGE, STRANGE, "certificate is not valid for '127.0.0.1'"),
    ],
)
def test_another_machine_gets_mails_only_with_a_certificate_that_proves_its_name(
    certificates, serve, monkeypatch, shown, trusted, said, scheme
):
    monkeypatch.setattr("app.settings.MailServer.is_on_this_machine", False)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates[trusted]))
    server = serve(shown, scheme=scheme)
    if said is None:
        send_to(server, scheme=scheme)
    else:
        with pytest.raises(ServerAway, match=said):
            send_to(server, scheme=scheme)
    assert [message["Subject"] for message in server.messages] == ([] if said else ["An answer"])
    assert server.signed_in == ([] if said else [("ama", "secret")])


def test_the_same_machine_may_show_any_certificate(serve):
    server = serve(STRANGE, scheme="smtp")
    send_to(server, scheme="smtp")
    assert len(server.messages) == 1
