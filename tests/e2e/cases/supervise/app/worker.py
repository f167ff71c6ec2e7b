"""Works until it is told to end."""

import signal
import sys
import time


def end(*_):
    print("worker: ends", file=sys.stderr)
    sys.exit(0)


signal.signal(signal.SIGTERM, end)
print("worker: up", file=sys.stderr)
while True:
    time.sleep(1)
