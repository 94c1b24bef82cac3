"""The operator's console: one page, one stylesheet, one module, all of it ours and served from here.

1. The page holds nothing of the account; everything shown is asked of the API with the operator's token.
2. No inline script and no inline style: the content security policy forbids both.
3. The assets are read once, when the module is loaded: a request never touches the disk.
"""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, select_autoescape
from starlette.responses import Response

from petrosa_adapters.http.call import Call
from petrosa_adapters.http.problem import Refusal

_HERE = Path(__file__).parent
_TYPES: Mapping[str, str] = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

ASSETS: Mapping[str, bytes] = {path.name: path.read_bytes() for path in sorted((_HERE / "static").iterdir())}


def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=select_autoescape(), undefined=StrictUndefined
    )
    return environment.get_template("console.html")


_PAGE = _template()
_VERSION = sha256(b"".join(ASSETS.values())).hexdigest()[:12]


async def page(call: Call) -> Response:
    """The page. It is the same for everyone who asks."""
    settings = call.services.settings
    html = _PAGE.render(mode=settings.mode.value, token_needed=settings.tokens_required, version=_VERSION)
    return Response(html, media_type="text/html")


async def asset(call: Call) -> Response:
    """One of the page's files. Refusal: 404 for any other name."""
    name = call.request.path_params["asset"]
    content = ASSETS.get(name)
    if content is None:
        raise Refusal(status=404, code="NOT_FOUND", detail="There is no such file.")
    headers = {"cache-control": "no-cache"}
    return Response(content, media_type=_TYPES[Path(name).suffix], headers=headers)
