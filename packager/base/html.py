"""Renders HTML pages from the Jinja2 templates in `templates/`: reports, sheets, previews.

A page is one self-contained file: people mail it, copy it, open it on a phone and print it. All values are escaped.
Templates mark their texts with `_()`, as code does.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from packager.base.i18n.language import _, current_language, ngettext

if TYPE_CHECKING:
    from jinja2 import Environment


def render(template: str, /, **values: Any) -> str:
    """Render `template`, a name in `templates/` as `report.html`, with `values`.

    The language is that of messages, unless `values` has a `language` ("zh" for pages that listeners read).
    """
    return _environment().get_template(template).render({"language": current_language(), **values})


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """Keeps compiled templates: a talking book renders two for each track."""
    # Jinja2 takes a tenth of a second to import, and few commands make pages.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("packager"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=_, ngettext=ngettext)
    return environment
