"""Elements of pages of e-books that are found by the same rules everywhere. Pure."""

from __future__ import annotations

from typing import Any

from packager.reading.formats.xml_tree import local_name

BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    }
)
SILENT = frozenset(("head", "script", "style", "template", "title", "noscript", "object", "iframe", "audio", "video"))


def kinds_of(element: Any) -> set[str]:
    """The words that say what an element is: its `epub:type`, role and classes."""
    found: set[str] = set((element.get("role") or "").split()) | set((element.get("class") or "").lower().split())
    for key, value in element.attrib.items():
        if key.rpartition("}")[2].rpartition(":")[2] == "type" and key != "type":
            found |= set(value.split())
    return found


def all_text(element: Any) -> str:
    """All text inside `element`, but readings above characters, scripts and styles."""
    found: list[str] = []

    def collect(node: Any) -> None:
        name = local_name(node)
        if name in SILENT or name in ("rt", "rp"):
            return
        found.append(node.text or "")
        for child in node:
            collect(child)
            found.append(child.tail or "")

    collect(element)
    return "".join(found)


def block_of(element: Any) -> Any:
    """The paragraph around an anchor, or the element itself where it is one."""
    at = element
    while at is not None and local_name(at) not in BLOCKS:
        at = at.getparent()
    return element if at is None or local_name(at) == "body" else at


def contains(element: Any, inner: Any) -> bool:
    """Whether `inner` is `element` or inside it."""
    return inner is element or any(each is element for each in inner.iterancestors())


def nearest(element: Any, name: str) -> Any:
    """The innermost element `name` around `element`, or None."""
    return next((each for each in element.iterancestors() if local_name(each) == name), None)
