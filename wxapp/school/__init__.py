"""The console (/school): what staff of a school or a department see and do."""

from wxapp import reviews
from wxapp.school import (
    campaign_files,
    campaign_pages,
    campaign_writing,
    exports,
    graduate_pages,
    home,
    imports,
    in_person,
    lists,
    number_lists,
    number_previews,
    office_tasks,
    review_correction,
    review_reporting,
    review_settings,
    statistics,
    tasks,
)
from wxapp.school.door import blueprint

PAGES = (
    campaign_files,
    campaign_pages,
    campaign_writing,
    exports,
    graduate_pages,
    home,
    imports,
    in_person,
    lists,
    number_lists,
    number_previews,
    office_tasks,
    review_correction,
    review_reporting,
    review_settings,
    statistics,
    tasks,
)
"""Imported so that their routes exist."""

reviews.serve(blueprint)

__all__ = ["PAGES", "blueprint"]
