"""TLS before a server of a test's own, by an authority of a test's own."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from commands.ports import LOOPBACK
from registry.base.clock import utc_now

PIECE = 65_536


def certificate(folder: Path, host: str) -> Path:
    """Write a certificate that signs itself, with its key below it; return the file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(days=1))
        .not_valid_after(utc_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = folder / f"{host}.pem"
    kept = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(made.public_bytes(pem) + kept)
    return file


@contextmanager
def encrypted(port: int, own: Path) -> Iterator[int]:
    """Serve with TLS what is served at a port of loopback; give the other port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own)
    with socket.create_server((LOOPBACK, 0)) as listening:
        Thread(target=_accept, args=(listening, context, port), daemon=True).start()
        yield int(listening.getsockname()[1])


def _accept(listening: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with suppress(OSError):  # closed: the test is over
        while True:
            visitor = listening.accept()[0]
            Thread(target=_serve, args=(visitor, context, port), daemon=True).start()


def _serve(visitor: socket.socket, context: ssl.SSLContext, port: int) -> None:
    with (
        suppress(OSError),
        socket.create_connection((LOOPBACK, port)) as behind,
        context.wrap_socket(visitor, server_side=True) as sealed,
    ):
        answers = Thread(target=_pass_on, args=(behind, sealed), daemon=True)
        answers.start()
        _pass_on(sealed, behind)
        behind.shutdown(socket.SHUT_RDWR)
        answers.join()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(PIECE):
            target.sendall(piece)
