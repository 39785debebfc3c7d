"""The console (/school): what staff of a school or a department see and do."""

from wxapp import audit, breaches, firms, reviews
from wxapp.school import (
    agreements,
    campaign_files,
    campaign_pages,
    campaign_writing,
    confirmation_statistics,
    contact,
    correction,
    departments,
    employers,
    ended_records,
    exports,
    graduate_pages,
    home,
    import_people,
    import_undo,
    imports,
    in_person,
    lists,
    number_lists,
    number_previews,
    offline,
    person,
    privacy,
    province_report,
    statistics,
    statistics_files,
    takeovers,
    tasks,
    terminations,
    transfer_tasks,
    year_settings,
)
from wxapp.school.door import blueprint

PAGES = (
    agreements,
    campaign_files,
    campaign_pages,
    campaign_writing,
    confirmation_statistics,
    contact,
    ended_records,
    exports,
    graduate_pages,
    home,
    import_people,
    import_undo,
    imports,
    in_person,
    lists,
    number_lists,
    number_previews,
    offline,
    person,
    privacy,
    transfer_tasks,
    correction,
    departments,
    employers,
    province_report,
    year_settings,
    statistics,
    statistics_files,
    takeovers,
    tasks,
    terminations,
)
"""Imported so that their routes exist."""

reviews.serve(blueprint)
audit.serve(blueprint)
breaches.serve(blueprint, above_schools=False)
firms.serve(blueprint)

__all__ = ["PAGES", "blueprint"]
