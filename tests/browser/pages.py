"""Every address that answers GET, by who looks at it: a new one stands here, or a test fails.

That who is named does meet it is seen by `test_every_page`; what no link leads to after the story
is met by `test_moments` and `test_arranged_pages`. In each axe checks it in the light and in the
dark, and `make screenshots` has its picture.
"""

_HERS = (
    "authorizing.page binding.who breach.form confirmation.history confirmation.page "
    "contact.page guide.page guide.phone_lost inbox.page own_data.ask_copy "
    "own_data.ask_withdraw own_data.page own_data.seen record.home record.me "
    "signed_in.page unbinding.ask"
)
"""What every graduate meets."""
_ACCOUNT = " account.factor account.own account.prove"
WALKED = {
    "anybody": (
        "breach_receipt.form campus.choose links.page privacy.page registration.page "
        "registration.takeover sign_in.form verify.form welcome.page"
    ),
    "counsellor": _ACCOUNT
    + (
        " school.bindings school.calendar school.campaigns school.confirmations "
        "school.coverage school.destinations school.graduate school.graduates school.home "
        "school.new_campaign school.season_days school.statistics school.tasks"
    ),
    "department": _ACCOUNT
    + (
        " school.bindings school.calendar school.campaigns school.confirmations "
        "school.coverage school.destinations school.graduate school.graduates school.home "
        "school.new_campaign school.receivers school.reviews school.season_days "
        "school.statistics school.tasks school.transfer school.transfers school.verification "
        "school.verifications"
    ),
    "employer": _ACCOUNT
    + (
        " account.member account.members account.new_member employer.home employer.invitation "
        "employer.new_invitation employer.papers employer.sheets employer.termination "
        "employer.terminations"
    ),
    "graduate-0": _HERS
    + (
        " breach.page breach_receipt.form offline.form registering.ask registering.page "
        "signing.given_code signing.page voiding.page"
    ),
    "graduate-1": _HERS
    + (
        " breach.page breach_receipt.form offline.form registering.ask registering.page "
        "signing.given_code signing.page voiding.page"
    ),
    "graduate-2": _HERS + (" authorizing.views breach.page breach_receipt.form sheet.page"),
    "graduate-3": _HERS
    + (
        " breach.report offline.form offline.page registering.ask registering.page "
        "signing.given_code signing.invitation signing.page terminating.asking "
        "terminating.page voiding.page"
    ),
    "ministry": _ACCOUNT
    + (" ministry.forwardings ministry.home ministry.province ministry.rates ministry.syncs"),
    "office": _ACCOUNT + (" offices.page privacy.page"),
    "operator": _ACCOUNT
    + (
        " account.member account.members account.new_member ops.account ops.audit_log "
        "ops.breach ops.breaches ops.campaigns ops.choose_template ops.employer ops.employers "
        "ops.first_account ops.menu ops.month ops.new_school ops.pattern ops.patterns "
        "ops.province_account ops.provinces ops.replies ops.school ops.schools ops.templates"
    ),
    "province": _ACCOUNT
    + (
        " account.member account.members account.new_member province.audit_log "
        "province.batches province.breach province.breaches province.destinations "
        "province.employer province.employers province.exports province.flag province.flags "
        "province.forwardings province.home province.new_reminder province.pattern "
        "province.patterns province.people province.rates province.reminders province.schools "
        "province.syncs province.waiting"
    ),
    "school": _ACCOUNT
    + (
        " account.member account.members account.new_member account.staff_table "
        "school.agreement school.agreements school.audit_log school.batch school.bindings "
        "school.breaches school.calendar school.campaign school.campaigns school.campus "
        "school.confirmations school.correct_person school.coverage school.department "
        "school.departments school.destinations school.employer school.employers "
        "school.ended_records school.graduate school.graduates school.home school.import "
        "school.import_people school.imports school.new_campaign school.new_employer "
        "school.new_person school.offline_requests school.pattern school.patterns "
        "school.privacy school.receivers school.reporting school.reporting_left_out "
        "school.reporting_people school.review school.reviews school.season_days "
        "school.sender school.settings school.statistics school.task school.tasks "
        "school.terminations school.transfer school.transfers school.verification "
        "school.verifications"
    ),
    "unbound": ("binding.who guide.page guide.phone_lost"),
}
"""Who is in `tests/browser/cast.py` -> what links lead them to, after the story."""
FILES = (
    "account.staff_template authorizing.download breach.document check_files.check_file"
    " employer.papers_file employer.sheet_template employer.termination_document"
    " evidence.document evidence.thumbnail ops.breach_file ops.listing_evidence"
    " province.breach_file province.evidence province.listing_evidence"
    " province.papers_file school.breach_file"
    " school.courier_template school.evidence school.import_template school.papers_file"
    " school.print_posters school.statistics_report"
    " school.takeover_letter school.termination_document sheet.download signing.paper static"
    " terminating.document verify.spoken_puzzle"
)
PASSED_THROUGH = (
    "agreeing.come_back authorizing.come_back binding.back_from_campus binding.back_from_face"
    " binding.code binding.more binding.to_the_form campus.begin campus.come_back"
    " consenting.come_back oauth.come_back oauth.login own_data.come_back school.try_campus"
    " sign_in.landing signing.come_back supplement.come_back verify.front"
)
"""Addresses that lead on to a page."""
OF_PROGRAMS = (
    "api.get_changes api.get_health api.get_sync callback.echo employer.region_choices"
    " health.healthz health.metrics health.readyz mini.notices mini.privacy openapi.document"
    " page_script.signature province.choices province.figures registering.region_choices"
    " registering.suggest_employers registration.region_choices school.choices"
    " school.region_choices session_end.left"
)
"""What scripts of pages and other programs ask for."""
