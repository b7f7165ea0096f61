"""OWSLib has no calls for jobs: its users ask with the client's own requests."""

from owslib.ogcapi.processes import Processes

from cog import look_into
from steps import INPUTS, PROCESS, URL, check, step, until_ended

client = Processes(URL)


def describe():
    check("/processes" in str(client.api()["paths"].keys()), "the definition has no /processes")
    ids = [process["id"] for process in client.processes()]
    check(PROCESS in ids, f"the processes are {ids}")
    answer = client.execute("echo", {"a": "hello"}, response="document")
    check(answer == {"a": {"value": "hello"}}, f"echo answered {answer}")
    return None, client.process(PROCESS)["title"]


def execute():
    status = client.execute(PROCESS, INPUTS, async_=True)
    location = client.response_headers["Location"]
    check(location.endswith(f"/jobs/{status['jobID']}"), f"Location is {location}")
    return status["jobID"], status["status"]


def results():
    document = client._request(path=f"jobs/{job}/results")
    return document["cloud_mask"]["href"], ", ".join(document)


def dismiss():
    status = client._request(method="DELETE", path=f"jobs/{job}")
    check(status["status"] == "dismissed", f"the job is {status['status']}")
    return None, status["status"]


step("describe", describe)
job = step("execute", execute)
step("poll", lambda: until_ended(lambda: client._request(path=f"jobs/{job}")["status"]))
mask = step("results", results)
step("open", lambda: look_into(mask))
step("dismiss", dismiss)
