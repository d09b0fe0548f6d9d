"""Renders HTML pages from the Jinja2 templates in `templates/`: reports, sheets, previews.

A page is one self-contained file: people mail it, copy it, open it on a phone and print it. All values are escaped.
Templates mark their texts with `_()`, as code does.
"""

from __future__ import annotations

from typing import Any

from packager.base.i18n.language import _, current_language, ngettext


def render(template: str, /, **values: Any) -> str:
    """Render `template`, a name in `templates/` as `report.html`, with `values`.

    The language is that of messages, unless `values` has a `language` ("zh" for pages that listeners read).
    """
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
    return environment.get_template(template).render({"language": current_language(), **values})
