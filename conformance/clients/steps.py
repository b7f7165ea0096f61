"""What the scripts of the clients share: steps that are reported.

Each script is called with the root of the API and a product. It prints a line for each step, "step<TAB>outcome<TAB>detail",
and ends with the first step that fails.
"""

import sys
import time

PROCESS = "senseiv2-cloudmask"
URL, PRODUCT = (sys.argv + ["", ""])[1:3]
INPUTS = {"product": PRODUCT, "stride": 512}
ENDED = {"successful", "failed", "dismissed"}


def step(name, work):
    """Does one step and reports it. `work` returns what the next step needs and a few words."""
    try:
        value, detail = work()
    except Exception as error:  # Whatever a client cannot cope with is what we want to hear of.
        text = " ".join(f"{type(error).__name__}: {error}".split())
        print(f"{name}\tfailed\t{text[:300]}", flush=True)
        sys.exit(1)
    print(f"{name}\tok\t{detail}", flush=True)
    return value


def check(condition, words):
    """An assertion that stays."""
    if not condition:
        raise AssertionError(words)


def until_ended(status):
    """Asks for the status until the job has ended."""
    deadline = time.monotonic() + 120
    while True:
        found = status()
        if found in ENDED:
            check(found == "successful", f"the job is {found}")
            return None, found
        check(time.monotonic() < deadline, f"the job is still {found}")
        time.sleep(0.3)
