"""How `make docs` makes a site of these pages: Sphinx, with Markdown by MyST."""

project = "Quxiang 去向"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
html_theme = "alabaster"
html_theme_options = {
    "description": "毕业去向登记",
    "page_width": "1100px",
    "sidebar_width": "240px",
}
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
myst_heading_anchors = 3
suppress_warnings = ["myst.xref_missing", "misc.highlighting_failure", "myst.header"]
"""Links to files beside the docs, and figures in Mermaid: a test follows the links."""
