"""Every address of the site. A view without an access rule stops the start (casereg.access)."""

from django.urls import include, path
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from casereg import health
from casereg.access import public
from casereg.views import (
    about,
    case_changes,
    cases,
    drafts,
    errors,
    incident_registering,
    incidents,
    mend,
    offers,
    pairs,
    regions,
    start,
    uploads,
    users,
)

urlpatterns = [
    path("", start.start, name="start"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("about/", about.register_about, name="register_about"),
    path("code-book/", about.codebook_read, name="codebook_read"),
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
    path("regions/<slug:code>/retire/", regions.region_retire, name="region_retire"),
    path("regions/<slug:code>/reopen/", regions.region_reopen, name="region_reopen"),
    path("regions/<slug:code>/delete/", regions.region_delete, name="region_delete"),
    path("users/", users.user_list, name="user_list"),
    path("users/add/", users.user_create, name="user_create"),
    path("users/<int:user_id>/change/", users.user_change, name="user_change"),
    path("users/<int:user_id>/deactivate/", users.user_deactivate, name="user_deactivate"),
    path("users/<int:user_id>/reactivate/", users.user_reactivate, name="user_reactivate"),
    path("users/<int:user_id>/send-link/", users.user_send_link, name="user_send_link"),
    path("statistics/", include("stats.urls")),
    path("account/", include("casereg.account_urls")),
    path(
        "language/",
        public(because="the log-in page has a language too")(require_POST(set_language)),
        name="language_choose",
    ),
]

handler400 = errors.bad_request
handler403 = errors.permission_denied
handler404 = errors.page_not_found
handler500 = errors.server_error
