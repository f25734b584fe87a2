"""Upstream's Django package of the second generation, on OpenTelemetry."""

import django
from django.conf import settings
from otlp_provider import provider

settings.configure(
    DEBUG=False,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="not one",
    MIDDLEWARE=["apitoolkit_django.APIToolkit"],
    APITOOLKIT_CAPTURE_REQUEST_BODY=True,
    APITOOLKIT_CAPTURE_RESPONSE_BODY=True,
)
django.setup()

from django.http import JsonResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402


def user(request, number):
    return JsonResponse({"number": number})


def order(request):
    return JsonResponse({"taken": True}, status=201)


urlpatterns = [path("users/<int:number>", user), path("orders", order)]

client = Client()
secrets = {"HTTP_AUTHORIZATION": "Bearer secret-a", "HTTP_COOKIE": "s=secret-b"}
client.get("/users/7?tag=a&page=2", HTTP_X_PLAIN="plain", **secrets)
client.post("/orders", {"item": "tea", "count": 3}, content_type="application/json", **secrets)
provider.shutdown()
