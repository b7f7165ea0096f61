"""ogc-api-processes-client, which was generated from the standard's API definition: strict about every member."""

from ogc_api_processes_client.api_client_wrapper import ApiClientWrapper
from ogc_api_processes_client.configuration import Configuration

from cog import look_into
from steps import INPUTS, PROCESS, URL, check, step, until_ended

client = ApiClientWrapper(Configuration(host=URL))
# The header that its users copy, parameter and all.
HEADERS = {
    "accept": "*/*",
    "Prefer": "respond-async;return=representation",
    "Content-Type": "application/json",
}


def word(status):
    return getattr(status, "value", status)


def describe():
    check(len(client.get_landing_page().links) > 0, "the landing page has no links")
    ids = [process.id for process in client.get_processes().processes]
    check(PROCESS in ids, f"the processes are {ids}")
    return None, ", ".join(ids)


def execute():
    status = client.execute_simple(PROCESS, {"inputs": INPUTS}, _headers=HEADERS)
    return status.job_id, word(status.status)


def results():
    document = client.get_result(job)
    return document["cloud_mask"].actual_instance.href, ", ".join(document)


def dismiss():
    check(job in [one.job_id for one in client.get_jobs().jobs], "the job is not listed")
    status = word(client.dismiss(job).status)
    check(status == "dismissed", f"the job is {status}")
    return None, status


step("describe", describe)
job = step("execute", execute)
step("poll", lambda: until_ended(lambda: word(client.get_status(job).status)))
mask = step("results", results)
step("open", lambda: look_into(mask))
step("dismiss", dismiss)
