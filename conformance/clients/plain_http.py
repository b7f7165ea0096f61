"""A job by plain HTTP, for programs that only read its result."""

import json
import urllib.request

from steps import INPUTS, PROCESS, URL, check, step, until_ended


def asked(path, method="GET", body=None):
    """Any request whose answer is JSON."""
    data = None if body is None else json.dumps(body).encode()
    headers = {} if body is None else {"Content-Type": "application/json"}
    request = urllib.request.Request(URL + path, data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def describe():
    return None, asked(f"/processes/{PROCESS}")["title"]


def execute():
    status = asked(f"/processes/{PROCESS}/execution", "POST", {"inputs": INPUTS})
    return status["jobID"], status["status"]


def run_job():
    """From the description to the results. Returns the job and the address of its mask."""
    step("describe", describe)
    job = step("execute", execute)
    step("poll", lambda: until_ended(lambda: asked(f"/jobs/{job}")["status"]))

    def results():
        document = asked(f"/jobs/{job}/results")
        return document["cloud_mask"]["href"], ", ".join(document)

    return job, step("results", results)


def dismiss(job):
    status = asked(f"/jobs/{job}", "DELETE")["status"]
    check(status == "dismissed", f"the job is {status}")
    return None, status
