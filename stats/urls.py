"""The addresses of the yearbook."""

from django.urls import path

from stats import views

urlpatterns = [
    path("", views.year_list, name="year_list"),
    path("<int:year>/", views.year_read, name="year_read"),
]
