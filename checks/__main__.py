"""``python -m checks`` is the `gradproof` command."""

import sys

from checks.cli import main

sys.exit(main())
