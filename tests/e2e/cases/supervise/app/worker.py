"""Works until it is told to end, and leaves behind what ends by itself."""

import os
import signal
import sys
import time


def end(*_):
    print("worker: ends", file=sys.stderr)
    sys.exit(0)


def leave_behind():
    """A child whose parent ends first, so that nobody but process 1 can reap it."""
    parent = os.fork()
    if parent == 0:
        if os.fork() == 0:
            time.sleep(0.5)
        os._exit(0)
    os.waitpid(parent, 0)


leave_behind()
signal.signal(signal.SIGTERM, end)
print("worker: up", file=sys.stderr)
while True:
    time.sleep(1)
