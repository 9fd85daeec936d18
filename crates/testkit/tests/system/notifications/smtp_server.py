"""A real mail server on a free port. Prints the port, then each mail it took as a line of JSON. The argument names a user who has to sign in."""

import asyncio
import email
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Box:
    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content)
        took = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "subject": str(email.header.make_header(email.header.decode_header(mail["Subject"]))),
            "id": mail["Message-ID"],
            "text": mail.get_payload(decode=True).decode(),
            "tls": session.ssl is not None,
            "user": getattr(session, "login_data", None) and session.login_data.login.decode(),
        }
        print(json.dumps(took), flush=True)
        return "250 taken"


def sign_in(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and data.password == b"right"
    session.login_data = data
    return AuthResult(success=good)


async def main():
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])

    def session():
        if context:
            return SMTP(Box(), tls_context=context, require_starttls=True, authenticator=sign_in, auth_required=True)
        return SMTP(Box())

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
