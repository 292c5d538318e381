"""A mail server on this machine, which can refuse, put off and be away."""

from __future__ import annotations

import socket
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword


class MailServer:
    def __init__(self, **options: Any) -> None:
        self.options = options
        self.port = free_port()
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.signed_in: list[tuple[str, str]] = []
        self.answer_to_senders = "250 OK"
        self.answer_to_recipients = "250 OK"
        self.answer_to_texts = "250 OK"
        self.asked = 0
        """For how many mails."""
        self._controller: Controller | None = None

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **self.options)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.signed_in.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=True)

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        self.asked += 1
        if self.answer_to_senders.startswith("250"):
            envelope.mail_from = address
        return self.answer_to_senders

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.answer_to_recipients.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_recipients

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answer_to_texts.startswith("250"):
            content = bytes(envelope.content)
            self.messages.append(message_from_bytes(content, _class=EmailMessage, policy=policy.default))
            self.recipients += envelope.rcpt_tos
        return self.answer_to_texts


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
