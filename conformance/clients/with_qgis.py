"""QGIS loads a result by its address, plain and redirected, reads its legend and samples it.

For Debian's python3-qgis: not in the Python environment of the other clients.
"""

import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from plain_http import dismiss, run_job
from steps import check, step


def look_into(address):
    """What QGIS says of a layer, in a process of its own."""
    program = str(Path(__file__).with_name("qgis_layer.py"))
    run = subprocess.run([sys.executable, program, address], capture_output=True, text=True, timeout=50)
    check(run.returncode == 0, f"{address}: {run.returncode} {run.stderr[-200:]}")
    return run.stdout.strip()


def open_it():
    # A stable link that sends everybody on to the mask: the third argument is a server that does.
    redirected = f"{sys.argv[3]}/mask.tif?to={quote(mask, safe='')}"
    found = [look_into(address) for address in (mask, redirected)]
    check(found[0] == found[1], f"plain and redirected differ: {found}")
    return None, found[0]


job, mask = run_job()
step("open", open_it)
step("dismiss", lambda: dismiss(job))
