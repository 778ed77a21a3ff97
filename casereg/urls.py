"""Every address of the site. A view without an access rule stops the start (casereg.access)."""

from django.conf import settings
from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from casereg import health
from casereg.access import public
from casereg.views import (
    about,
    calendar,
    case_changes,
    cases,
    covers,
    drafts,
    errors,
    incident_registering,
    incidents,
    mend,
    offers,
    pairs,
    people_review,
    regions,
    sessions,
    start,
    trail,
    uploads,
    users,
    working_region,
)

urlpatterns = [
    path("", start.start, name="start"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("about/", about.register_about, name="register_about"),
    path("code-book/", about.codebook_read, name="codebook_read"),
    path("code-book/calendar/", calendar.calendar_read, name="calendar_read"),
    path("code-book/calendar/<slug:variable>/define/", calendar.definition_add, name="definition_add"),
    path("cases/", cases.case_list, name="case_list"),
    path("cases/download/", cases.case_download, name="case_download"),
    path("cases/register/", cases.case_register, name="case_register"),
    path("cases/upload/", uploads.upload_create, name="upload_create"),
    path("cases/upload/example/", uploads.upload_example, name="upload_example"),
    path("cases/upload/<uuid:upload_id>/", uploads.upload_check, name="upload_check"),
    path("cases/upload/<uuid:upload_id>/columns/", uploads.upload_columns, name="upload_columns"),
    path("cases/upload/<uuid:upload_id>/words/", uploads.upload_words, name="upload_words"),
    path("cases/upload/<uuid:upload_id>/import/", uploads.upload_import, name="upload_import"),
    path("cases/upload/<uuid:upload_id>/discard/", uploads.upload_discard, name="upload_discard"),
    path("cases/<uuid:case_id>/", cases.case_read, name="case_read"),
    path("cases/<uuid:case_id>/amend/", case_changes.case_amend, name="case_amend"),
    path("cases/<uuid:case_id>/withdraw/", case_changes.case_withdraw, name="case_withdraw"),
    path("cases/<uuid:case_id>/restore/", case_changes.case_restore, name="case_restore"),
    path("cases/<uuid:case_id>/offer/", offers.case_offer, name="case_offer"),
    path("cases/<uuid:case_id>/trail/", trail.case_trail, name="case_trail"),
    path("drafts/save/", drafts.draft_save, name="draft_save"),
    path("drafts/discard/", drafts.draft_discard, name="draft_discard"),
    path("mend/", mend.mend_list, name="mend_list"),
    path("mend/<uuid:case_id>/confirm/", mend.mend_confirm, name="mend_confirm"),
    path("pairs/", pairs.pair_list, name="pair_list"),
    path("pairs/judged/", pairs.pair_judged, name="pair_judged"),
    path("pairs/<uuid:first_id>/<uuid:second_id>/", pairs.pair_read, name="pair_read"),
    path("pairs/<uuid:first_id>/<uuid:second_id>/judge/", pairs.pair_judge, name="pair_judge"),
    path(
        "pairs/<uuid:first_id>/<uuid:second_id>/all-different/",
        pairs.pair_judge_group,
        name="pair_judge_group",
    ),
    path("pairs/judged/<uuid:verdict_id>/take-back/", pairs.pair_take_back, name="pair_take_back"),
    path("offers/", offers.offer_list, name="offer_list"),
    path("offers/<uuid:offer_id>/", offers.offer_read, name="offer_read"),
    path("offers/<uuid:offer_id>/accept/", offers.offer_accept, name="offer_accept"),
    path("offers/<uuid:offer_id>/decline/", offers.offer_decline, name="offer_decline"),
    path("offers/<uuid:offer_id>/take-back/", offers.offer_take_back, name="offer_take_back"),
    path("incidents/", incidents.incident_list, name="incident_list"),
    path("incidents/create/", incidents.incident_create, name="incident_create"),
    path("incidents/register/", incident_registering.incident_register, name="incident_register"),
    path("incidents/<uuid:incident_id>/", incidents.incident_read, name="incident_read"),
    path("incidents/<uuid:incident_id>/undo/", incident_registering.incident_undo, name="incident_undo"),
    path("incidents/<uuid:incident_id>/amend/", incident_registering.incident_amend, name="incident_amend"),
    path("incidents/<uuid:incident_id>/rename/", incidents.incident_rename, name="incident_rename"),
    path("incidents/<uuid:incident_id>/add/", incidents.incident_add_persons, name="incident_add_persons"),
    path(
        "incidents/<uuid:incident_id>/take-out/<uuid:case_id>/",
        incidents.incident_take_out,
        name="incident_take_out",
    ),
    path("regions/", regions.region_list, name="region_list"),
    path("regions/add/", regions.region_create, name="region_create"),
    path("regions/<slug:code>/change/", regions.region_change, name="region_change"),
    path("regions/<slug:code>/counties/", regions.region_counties, name="region_counties"),
    path(
        "regions/<slug:code>/counties/<slug:county>/release/",
        regions.region_county_release,
        name="region_county_release",
    ),
    path("regions/<slug:code>/retire/", regions.region_retire, name="region_retire"),
    path("regions/<slug:code>/reopen/", regions.region_reopen, name="region_reopen"),
    path("regions/<slug:code>/delete/", regions.region_delete, name="region_delete"),
    path("working-region/", working_region.working_region_choose, name="working_region_choose"),
    path("users/", users.user_list, name="user_list"),
    path("users/add/", users.user_create, name="user_create"),
    path("users/confirm/", people_review.people_confirm, name="people_confirm"),
    path("users/<int:user_id>/change/", users.user_change, name="user_change"),
    path("users/<int:user_id>/cover/", covers.user_cover, name="user_cover"),
    path("users/<int:user_id>/reset-factors/", users.user_reset_factors, name="user_reset_factors"),
    path("covers/<int:cover_id>/end/", covers.cover_end, name="cover_end"),
    path("users/<int:user_id>/deactivate/", users.user_deactivate, name="user_deactivate"),
    path("users/<int:user_id>/reactivate/", users.user_reactivate, name="user_reactivate"),
    path("users/<int:user_id>/end-sessions/", sessions.user_end_sessions, name="user_end_sessions"),
    path("users/<int:user_id>/send-link/", users.user_send_link, name="user_send_link"),
    path("trail/", trail.trail_list, name="trail_list"),
    path("trail/download/", trail.trail_download, name="trail_download"),
    path("trail/review/", trail.trail_review_list, name="trail_review_list"),
    path(
        "trail/review/<slug:code>/<int:year>/<int:month>/", trail.trail_review_sign, name="trail_review_sign"
    ),
    path("statistics/", include("stats.urls")),
    path("code-lists/", include("stats.list_urls")),
    path("account/", include("casereg.account_urls")),
    path(
        "language/",
        public(because="the log-in page has a language too")(require_POST(set_language)),
        name="language_choose",
    ),
]
if settings.OIDC_ISSUER:
    urlpatterns += [path("account/provider/", include("casereg.oidc_urls"))]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
