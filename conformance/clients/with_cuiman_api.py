"""cuiman in Python: its models check every answer."""

from cuiman import Client
from gavicore.models import ProcessRequest

from cog import look_into
from steps import INPUTS, PROCESS, URL, check, step, until_ended

client = Client(api_url=URL, auth={"auth_type": "none"})


def describe():
    ids = [process.id for process in client.get_processes().processes]
    check(PROCESS in ids, f"the processes are {ids}")
    return None, client.get_process(PROCESS).title


def execute():
    status = client.execute_process(PROCESS, request=ProcessRequest(inputs=INPUTS))
    return status.jobID, status.status.value


def results():
    document = client.get_job_results(job).model_dump(mode="json")
    return document["cloud_mask"]["href"], ", ".join(document)


def dismiss():
    check(job in [one.jobID for one in client.get_jobs().jobs], "the job is not listed")
    status = client.dismiss_job(job).status.value
    check(status == "dismissed", f"the job is {status}")
    return None, status


step("describe", describe)
job = step("execute", execute)
step("poll", lambda: until_ended(lambda: client.get_job(job).status.value))
mask = step("results", results)
step("open", lambda: look_into(mask))
step("dismiss", dismiss)
client.close()
