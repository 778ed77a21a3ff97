"""The addresses of the yearbook."""

from django.urls import path

from stats.views import years

urlpatterns = [
    path("", years.year_list, name="year_list"),
    path("<int:year>/", years.year_read, name="year_read"),
]
