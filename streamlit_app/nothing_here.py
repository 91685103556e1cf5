"""Own the answer at an address that is none: a page with the way back for people, else words."""

from html import escape
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, PlainTextResponse, Response

WORDS: Final = "There is nothing at this address."
_PAGE: Final = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Not found - PromptHub</title>
<style>
  body {{ margin: 20vh auto 0; max-width: 400px; padding: 0 1rem; color: #10141d;
    background: #fff; font: 15px/1.6 Inter, "Helvetica Neue", Arial, sans-serif }}
  h1 {{ font-size: 1.6rem; font-weight: 650; margin: 0 }}
  a {{ color: #3450c2 }}
  @media (prefers-color-scheme: dark) {{
    body {{ color: #e6e8ec; background: #14161a }} a {{ color: #9db0ff }}
  }}
</style>
<h1>Not found</h1>
<p>{words} It may be mistyped, or what was here has moved.</p>
<p><a href="{home}/">Go to the library</a></p>
</html>
"""


def nothing_here(headers: Headers, base: str) -> Response:
    """Return the answer for a request with these headers; the application lives below `base`."""
    if "text/html" in headers.get("accept", ""):
        return HTMLResponse(_PAGE.format(words=WORDS, home=escape(base)), 404)
    return PlainTextResponse(f"{WORDS}\n", 404)
