"""`python -m guardrails.cli`: the command without the script."""

import sys

from guardrails.cli.start import start

sys.exit(start())
