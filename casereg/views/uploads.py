"""Pages of uploads: a case file on its way in, step by step. Nothing is a case before the last of them."""

import logging
from collections.abc import Generator, Iterator
from contextlib import closing
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from casereg.access import Permission, UserRequest, own_region, record_read, requires, uploads_of
from casereg.actions.uploads import (
    UploadStep,
    choose_columns,
    choose_words,
    discard_upload,
    kept_mapping,
    kept_until,
    step_of,
    store_upload,
    table_of,
)
from casereg.case_files import COLUMNS, CaseFileRefused, written
from casereg.codebook import CodeBook
from casereg.file_mapping import example_file, odd_words
from casereg.finding_wording import finding_in_words
from casereg.forms.uploads import ColumnsForm, ImportForm, UploadForm, WordsForm
from casereg.imports import ImportedBefore, UploadCheck, check_upload, import_upload
from casereg.months import this_month
from casereg.row_security import reach_of, within
from casereg.stored_codebook import load_codebook
from casereg.views.drafts import words_of_another_region

FINDINGS_ON_A_PAGE = 100
STREAMED_FROM = 300  # rows: an import as long as this shows how far it is
_PLACE = "<!-- steps -->"  # where the steps go in the page of a long import

logger = logging.getLogger(__name__)


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def upload_create(request: UserRequest) -> HttpResponse:
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = UploadForm(*sent, here=own_region(request.user))
    if form.opened_elsewhere:
        form.add_error(None, words_of_another_region(request, form.opened_elsewhere))
    elif request.method == "POST" and form.is_valid():
        upload = store_upload(
            name=form.file_name, table=form.table, by=request.user, region_code=own_region(request.user)
        )
        return redirect("upload_check", upload_id=upload.pk)
    codebook = load_codebook()
    context = {
        "form": form,
        "findings": [
            finding_in_words(finding, codebook, None) for finding in form.findings[:FINDINGS_ON_A_PAGE]
        ],
        "findings_count": len(form.findings),
        "columns": [(name, _variable_label(name, codebook)) for name in COLUMNS],
        "uploads": list(uploads_of(request.user).filter(imported_at=None).defer("content")),
    }
    return render(request, "casereg/upload_create.html", context)


@requires(Permission.WRITE_CASES)
@require_safe
def upload_example(request: UserRequest) -> HttpResponse:
    """A case file of two fictional persons, with the register's codes or in words."""
    with_codes = request.GET.get("with") != "words"
    table = example_file(
        region_code=own_region(request.user),
        month=this_month(),
        codebook=load_codebook(),
        with_codes=with_codes,
    )
    name = gettext("example") if with_codes else gettext("example-in-words")
    return HttpResponse(
        # The mark tells Excel that å is å; a Swedish Excel divides cells by semicolons.
        b"\xef\xbb\xbf" + written(table, delimiter=";"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def upload_columns(request: UserRequest, upload_id: UUID) -> HttpResponse:
    upload, codebook = uploads_of(request.user).get(pk=upload_id), load_codebook()
    if step_of(upload, codebook=codebook) != UploadStep.COLUMNS:
        return redirect("upload_check", upload_id=upload.pk)
    form = ColumnsForm(
        request.POST if request.method == "POST" else None,
        table=table_of(upload),
        codebook=codebook,
        kept=kept_mapping(upload.region_id),
    )
    if request.method == "POST" and form.is_valid():
        choose_columns(upload=upload, targets=form.targets, by=request.user)
        return redirect("upload_check", upload_id=upload.pk)
    return render(request, "casereg/upload_columns.html", {"form": form, "upload": upload})


@requires(Permission.WRITE_CASES)
@require_http_methods(["GET", "HEAD", "POST"])
def upload_words(request: UserRequest, upload_id: UUID) -> HttpResponse:
    upload, codebook = uploads_of(request.user).get(pk=upload_id), load_codebook()
    if step_of(upload, codebook=codebook) != UploadStep.WORDS:
        return redirect("upload_check", upload_id=upload.pk)
    form = WordsForm(
        request.POST if request.method == "POST" else None,
        odd=odd_words(table_of(upload), codebook=codebook),
        codebook=codebook,
        kept=kept_mapping(upload.region_id),
    )
    if request.method == "POST" and form.is_valid():
        choose_words(upload=upload, words=form.words, by=request.user)
        return redirect("upload_check", upload_id=upload.pk)
    return render(request, "casereg/upload_words.html", {"form": form, "upload": upload})


@requires(Permission.WRITE_CASES)
@require_safe
def upload_check(request: UserRequest, upload_id: UUID) -> HttpResponse:
    """What the import would do, or why it would not; of an imported file, what it has done."""
    upload, codebook = uploads_of(request.user).get(pk=upload_id), load_codebook()
    step = step_of(upload, codebook=codebook)
    if step != UploadStep.CHECK:
        return redirect(f"upload_{step}", upload_id=upload.pk)
    if upload.imported_at is not None:
        return render(request, "casereg/upload_imported.html", {"upload": upload})
    check = check_upload(upload)
    # What is stored with other content is told beside the file's own.
    record_read(request.user, f"upload {upload.pk}")
    return _check_page(request, upload_id, check, ImportForm(imported_before=check.imported_before))


def _check_page(request: UserRequest, upload_id: UUID, check: UploadCheck, form: ImportForm) -> HttpResponse:
    upload, codebook = uploads_of(request.user).get(pk=upload_id), load_codebook()
    headings = None
    if upload.columns is not None or upload.words is not None:
        headings = {variable: heading for heading, variable in (upload.columns or {}).items()}
    page = Paginator(check.findings, FINDINGS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "upload": upload,
        "kept_until": kept_until(upload),
        "check": check,
        "form": form,
        "page": page,
        "page_numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)),
        "findings": [finding_in_words(finding, codebook, headings) for finding in page],
    }
    return render(request, "casereg/upload_check.html", context)


@requires(Permission.WRITE_CASES)
@require_POST
def upload_import(request: UserRequest, upload_id: UUID) -> HttpResponseBase:
    upload, codebook = uploads_of(request.user).get(pk=upload_id), load_codebook()
    if upload.imported_at is not None or step_of(upload, codebook=codebook) != UploadStep.CHECK:
        return redirect("upload_check", upload_id=upload.pk)
    check = check_upload(upload)
    form = ImportForm(request.POST, imported_before=check.imported_before)
    if check.findings or not form.is_valid():
        return _check_page(request, upload_id, check, form)
    again = bool(form.cleaned_data.get("again"))
    steps = import_upload(upload_id=upload.pk, by=request.user, again=again)
    if check.registered >= STREAMED_FROM:
        return StreamingHttpResponse(_told_on_the_way(request, upload_id, steps, get_language()))
    try:
        for _step in steps:
            pass
    except (CaseFileRefused, ImportedBefore):
        messages.warning(request, gettext("Something has changed since the file was checked: look again."))
    return redirect("upload_check", upload_id=upload.pk)


@requires(Permission.WRITE_CASES)
@require_POST
def upload_discard(request: UserRequest, upload_id: UUID) -> HttpResponse:
    discard_upload(upload=uploads_of(request.user).get(pk=upload_id), by=request.user)
    messages.success(request, gettext("The file is deleted from the server."))
    return redirect("upload_create")


def _told_on_the_way(
    request: UserRequest, upload_id: UUID, steps: Generator[tuple[int, int], None, None], language: str | None
) -> Iterator[str]:
    """The page of a long import, written as far as the import is. Whoever goes away ends it, undone.

    It is written when the request has its answer's head already, and with that no language any more.
    """
    # The request's own transaction is over when this begins.
    reach = reach_of(request.user)
    with translation.override(language):
        with within(reach):
            upload = uploads_of(request.user).get(pk=upload_id)
        page = render_to_string("casereg/upload_import.html", {"upload": upload, "place": _PLACE}, request)
        head, tail = page.split(_PLACE)
        yield head
        try:
            with within(reach), closing(steps):
                for stored, rows in steps:
                    yield render_to_string("casereg/upload_step.html", {"stored": stored, "rows": rows})
        except (CaseFileRefused, ImportedBefore):
            logger.info("An upload was not imported: what is stored changed after it was checked")
        except Exception:
            logger.exception("An import from the browser failed and was taken back")
        with within(reach):
            upload = uploads_of(request.user).get(pk=upload_id)
        yield render_to_string("casereg/upload_outcome.html", {"upload": upload})
        yield tail


def _variable_label(name: str, codebook: CodeBook) -> str:
    return codebook.variables[name].label if name in codebook.variables else gettext("reference")
