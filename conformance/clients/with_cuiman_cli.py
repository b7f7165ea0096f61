"""cuiman on the command line, with a configuration of its own."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from cog import look_into
from steps import INPUTS, PROCESS, URL, check, step, until_ended

folder = tempfile.TemporaryDirectory()
config = str(Path(folder.name) / "cuiman.json")


def cuiman(*args):
    """Runs a command that prints JSON."""
    program = str(Path(sys.executable).with_name("cuiman"))
    run = subprocess.run([program, *args], capture_output=True, text=True, timeout=60)
    check(run.returncode == 0, f"cuiman {args[0]} ended with {run.returncode}: {run.stderr[-200:]}")
    return run.stdout


def asked(*args):
    return json.loads(cuiman(*args, "--config", config, "--format", "json"))


def describe():
    cuiman("configure", "--api-url", URL, "-a", "none", "-c", config)
    return None, asked("get-process", PROCESS)["title"]


def execute():
    inputs = [f"--input={name}={value}" for name, value in INPUTS.items()]
    status = asked("execute-process", PROCESS, *inputs)
    return status["jobID"], status["status"]


def results():
    document = asked("get-job-results", job)
    return document["cloud_mask"]["href"], ", ".join(document)


def dismiss():
    status = asked("dismiss-job", job)["status"]
    check(status == "dismissed", f"the job is {status}")
    return None, status


step("describe", describe)
job = step("execute", execute)
step("poll", lambda: until_ended(lambda: asked("get-job", job)["status"]))
mask = step("results", results)
step("open", lambda: look_into(mask))
step("dismiss", dismiss)
folder.cleanup()
