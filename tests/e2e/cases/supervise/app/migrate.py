"""Makes the table, or fails when it is asked to."""

import os
import subprocess
import sys

if os.environ["TROUBLE"] == "migrate":
    print("migrate: there is trouble", file=sys.stderr)
    sys.exit(3)
subprocess.run(["psql", "-q", os.environ["DATABASE_URL"], "-c", "create table if not exists visits (at timestamptz)"], check=True)
print("migrate: done", file=sys.stderr)
