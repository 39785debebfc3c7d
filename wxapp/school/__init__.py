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
    courier_lists,
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
    postings,
    privacy,
    province_report,
    receivers,
    sender,
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
    postings,
    privacy,
    transfer_tasks,
    correction,
    courier_lists,
    departments,
    employers,
    province_report,
    receivers,
    sender,
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
