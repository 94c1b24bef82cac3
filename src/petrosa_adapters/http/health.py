"""Is it alive, may it trade: for supervisors, balancers and people. Nothing here asks anything but memory."""

from starlette.responses import Response

from petrosa_adapters.http.call import Call
from petrosa_adapters.http.problem import Json
from petrosa_adapters.http.settings import Scope


async def alive(_: Call) -> Response:
    """The process answers. It depends on nothing, so that no outage of something else gets it restarted."""
    return Json({"status": "alive"})


async def ready(call: Call) -> Response:
    """Whether entries may be taken; 503 when not. Details may name hosts: they are for those who may read."""
    readiness = call.services.engine.readiness()
    told = Scope.READ in call.principal.scopes
    checks = {name: words if told or words == "ok" else "failing" for name, words in readiness.checks.items()}
    return Json({"ready": readiness.ready, "checks": checks}, 200 if readiness.ready else 503)


async def summary(call: Call) -> Response:
    """One word, and which mode it is about; always 200, for it is an answer and not a probe."""
    status = "ok" if call.services.engine.readiness().ready else "not-ready"
    return Json({"status": status, "mode": call.services.engine.mode.value})
