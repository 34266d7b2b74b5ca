"""`python -m guardrails.cli`: the command without the script."""

import sys

from guardrails.cli.main import main

sys.exit(main())
