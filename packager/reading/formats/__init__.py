"""The file formats that can be read, one module a format.

Importing a module registers its format. To add a format, write a module that calls `file_types.register`, and
add its name here. Messages list the formats in this order.
"""

from importlib import import_module

for _format in ("plain", "markdown", "html", "docx", "epub", "mobi", "odt", "pdf", "office"):
    import_module(f"{__name__}.{_format}")
