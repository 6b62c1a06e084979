"""A publisher that is killed with -9 at random moments and started again at once, run as a process of its own."""

import os
import random
import signal
import sys
import time

from flask import Flask

from statuspage import db
from statuspage.app import create_app
from tests.survival.places import tell_next

LONGEST_LIFE = 1.5


def publish_for_ever(app: Flask) -> None:
    with app.app_context():
        db.db.engine.dispose(close=False)
        while True:
            tell_next()
            app.extensions["statuspage"].publisher.publish()


def main(publications: int) -> None:
    """End when so many versions are out."""
    app = create_app()
    store = app.extensions["statuspage"].store
    last = int(store.follow().name) + publications
    while int(store.follow().name) < last:
        # A fork is started sooner than a new interpreter: the more kills in the same time.
        pid = os.fork()
        if pid == 0:
            publish_for_ever(app)
        time.sleep(random.uniform(0.0, LONGEST_LIFE))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        print("killed", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
