"""The addresses of the code lists."""

from django.urls import path

from stats.views import code_lists

urlpatterns = [
    path("", code_lists.codelist_list, name="codelist_list"),
    path("form/values/<slug:term>/rules/", code_lists.term_rules, name="term_rules"),
    path("<slug:variable>/", code_lists.codelist_read, name="codelist_read"),
    path("<slug:variable>/add/", code_lists.term_add, name="term_add"),
    path("<slug:variable>/merge/", code_lists.term_merge, name="term_merge"),
    path("<slug:variable>/values/<slug:term>/", code_lists.term_read, name="term_read"),
    path("<slug:variable>/values/<slug:term>/change/", code_lists.term_change, name="term_change"),
    path("<slug:variable>/values/<slug:term>/retire/", code_lists.term_retire, name="term_retire"),
    path("<slug:variable>/values/<slug:term>/reopen/", code_lists.term_reopen, name="term_reopen"),
    path("<slug:variable>/values/<slug:term>/split/", code_lists.term_split, name="term_split"),
    path("<slug:variable>/values/<slug:term>/delete/", code_lists.term_delete, name="term_delete"),
    path("<slug:variable>/values/<slug:term>/move/", code_lists.term_move, name="term_move"),
]
