"""HTML pages from the templates in `templates/`: reports, sheets, previews.

A page is one file with no outside references: it is mailed, put on a stick, opened on a phone and printed.
Every value is escaped; a template marks its own texts with `_()`, as code does.
"""

from __future__ import annotations

from typing import Any

from packager.base.i18n.language import _, current_language, ngettext


def render(template: str, /, **values: Any) -> str:
    """The page that `template` (a name in `templates/`, as `report.html`) makes of `values`.

    The language is that of messages unless `language` is among the values ("zh" for what listeners read).
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
