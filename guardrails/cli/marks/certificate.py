"""`guardrails marks dev-certificate`."""

import argparse
import sys

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.files import named


def make(arguments: argparse.Namespace) -> int:
    """Write a certificate and its key; neither file may be there."""
    from guardrails.marks.provenance.certificates import development  # noqa: PLC0415  # an extra

    for path in (arguments.certificate, arguments.key):
        if path.exists():
            raise BadArguments(f"'{path}' is there already, name another file")
    certificate, key = development()
    with named():
        arguments.certificate.write_text(certificate)
        arguments.key.touch(mode=0o600)
        arguments.key.write_text(key)
    sys.stderr.write(
        f"{arguments.certificate}: for trying only; every verifier calls it untrusted\n"
    )
    return Exit.FINE
