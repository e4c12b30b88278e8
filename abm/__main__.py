"""`python -m abm` is the `abm` command."""

import sys

from abm.commands._main import main

if __name__ == "__main__":
    sys.exit(main())
