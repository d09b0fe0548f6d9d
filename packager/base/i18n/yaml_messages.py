"""PyYAML's messages for the most common mistakes, listed for the catalog.

Nothing imports this module; only the extraction of messages reads it. For other messages, `yaml_documents` says
what to look at.
"""

from __future__ import annotations

from packager.base.i18n.language import N_

REASONS = (
    N_("mapping values are not allowed here"),
    N_("mapping keys are not allowed here"),
    N_("sequence entries are not allowed here"),
    N_("could not find expected ':'"),
    N_("found unexpected end of stream"),
    N_("found unexpected document separator"),
    N_("found character '\\t' that cannot start any token"),
    N_("found character '@' that cannot start any token"),
    N_("found character '`' that cannot start any token"),
    N_("found character '%' that cannot start any token"),
    N_("expected <block end>, but found '<scalar>'"),
    N_("expected <block end>, but found '<block mapping start>'"),
    N_("expected <block end>, but found '<block sequence start>'"),
    N_("expected <block end>, but found '-'"),
    N_("expected <block end>, but found '?'"),
    N_("expected <block end>, but found ','"),
    N_("expected ',' or ']', but got '<stream end>'"),
    N_("expected ',' or '}', but got '<stream end>'"),
    N_("expected ',' or ']', but got '<scalar>'"),
    N_("expected ',' or '}', but got '<scalar>'"),
    N_("expected the node content, but found '-'"),
    N_("expected the node content, but found '<stream end>'"),
    N_("expected ',' or ']', but got ':'"),
    N_("expected ',' or '}', but got ':'"),
    N_("expected '<document start>', but found '<block mapping start>'"),
)
