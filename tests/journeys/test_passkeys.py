"""Passkeys in a real browser, with an authenticator that Chromium plays; and the pages of second factors."""

import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from django.contrib.sessions.models import Session
from django.test import Client
from playwright.sync_api import Browser, CDPSession, Page, expect

from casereg.actions.factors import (
    add_app,
    factors_of,
    keep_recovery_codes,
    make_recovery_codes,
    remove_factor,
)
from casereg.models import User
from tests.casereg.test_second_factor import code_of, codes_of
from tests.factories import PASSWORD
from tests.journeys.conftest import assert_accessible
from tests.journeys.keyboard import Typist

pytestmark = pytest.mark.browser

OPENS = "Anna Analys"  # stands on every page for whoever is logged in


@pytest.fixture
def site_url(live_site) -> str:
    """By its name: an address of numbers has no passkeys."""
    return str(live_site.url).replace("127.0.0.1", "localhost")


@pytest.fixture
def required(settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def authenticator(page: Page) -> CDPSession:
    """The browser has a device that knows its owner."""
    return device_of(page)


def device_of(page: Page) -> CDPSession:
    browser = page.context.new_cdp_session(page)
    browser.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    browser.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return browser


@pytest.fixture
def give_password(page: Page, site_url: str) -> Callable[[User], Typist]:
    def as_user(user: User, *, at: str = "/account/login/") -> Typist:
        page.context.clear_cookies()
        speak(page, "en", site_url)
        page.goto(at)
        typist = Typist(page)
        typist.tab_to("E-mail address")
        typist.type(user.email)
        typist.tab_to("Password")
        typist.type(PASSWORD)
        with page.expect_navigation():
            typist.press("Enter")
        return typist

    return as_user


@pytest.fixture
def anna(analyst) -> User:
    """An analyst with an authenticator app, whose recovery codes are kept."""
    add_app(user=analyst, secret=SECRET, this=None)
    keep_recovery_codes(user=analyst)
    analyst.refresh_from_db()
    return analyst


SECRET = generate_totp_secret()


def speak(page: Page, language: str, site_url: str) -> None:
    page.context.add_cookies([{"name": "django_language", "value": language, "url": site_url}])


def look_at(page: Page, site_url: str) -> None:
    """axe finds nothing on the page that is open, in both languages."""
    address = page.url
    for language in ("sv", "en"):
        speak(page, language, site_url)
        page.goto(address)
        assert page.url == address
        assert page.locator("html").get_attribute("lang") == language
        assert_accessible(page)


def add_passkey_by_keyboard(page: Page, name: str) -> None:
    typist = Typist(page)
    typist.tab_to("Name of the passkey")
    page.keyboard.press("Control+A")
    typist.type(name)
    with page.expect_navigation():
        typist.press("Enter")


def test_a_passkey_is_set_up_and_opens_the_register(
    page: Page, give_password, authenticator, complaints, required, analyst, site_url
):
    typist = give_password(analyst, at="/account/login/?next=/cases/")
    expect(page.locator("main h1")).to_have_text("Set up a second factor")
    look_at(page, site_url)
    typist.follow("Add a passkey")
    look_at(page, site_url)
    add_passkey_by_keyboard(page, "My laptop")

    expect(page.locator("main h1")).to_have_text("Keep your recovery codes")
    shown = [re.sub(r"\s", "", text) for text in page.locator(".recovery-codes code").all_inner_texts()]
    assert shown == codes_of(analyst)
    look_at(page, site_url)
    typist.follow("I have kept the codes")
    expect(page).to_have_url(re.compile(r"/cases/$"))
    assert [passkey.name for passkey in factors_of(analyst).passkeys] == ["My laptop"]

    typist.follow("Log out")
    typist = give_password(analyst, at="/account/login/?next=/cases/")
    expect(page.locator("main h1")).to_have_text("Log in: second factor")
    look_at(page, site_url)
    typist.follow("Use the passkey")

    expect(page).to_have_url(re.compile(r"/cases/$"))
    expect(page.locator(".person-name")).to_contain_text(OPENS)
    assert factors_of(analyst).passkeys[0].used_at
    assert complaints == []


def test_a_device_that_nobody_added_opens_nothing_and_a_code_does(
    page: Page, give_password, authenticator, analyst, browser: Browser, site_url, complaints
):
    give_password(analyst)
    page.goto("/account/second-factor/passkeys/add/")
    add_passkey_by_keyboard(page, "My laptop")
    keep_recovery_codes(user=analyst)

    other = browser.new_context(base_url=site_url).new_page()
    device_of(other)
    speak(other, "en", site_url)
    other.goto("/account/login/")
    other.get_by_label("E-mail address").fill(analyst.email)
    other.get_by_label("Password").fill(PASSWORD)
    other.keyboard.press("Enter")
    typist = Typist(other)
    other.wait_for_url("**/second-factor/prove/")
    typist.tab_to("Use the passkey")
    typist.press("Enter")
    expect(other.get_by_role("alert").get_by_text("No passkey was used. Try again.")).to_be_visible()
    expect(other.get_by_role("button", name="Use the passkey")).to_be_focused()
    assert_accessible(other)

    typist.tab_to("Recovery code")
    typist.type(codes_of(analyst)[0])
    with other.expect_navigation():
        typist.press("Enter")
    expect(other.locator(".person-name")).to_contain_text(OPENS)
    other.context.close()


def test_what_a_passkey_said_once_opens_nothing_again(page: Page, give_password, authenticator, analyst):
    give_password(analyst)
    page.goto("/account/second-factor/passkeys/add/")
    add_passkey_by_keyboard(page, "My laptop")
    typist = give_password(analyst)
    with page.expect_request(lambda request: request.method == "POST") as sent:
        typist.follow("Use the passkey")
    expect(page.locator(".person-name")).to_contain_text(OPENS)
    credential = re.search(r'name="?credential"?|credential=([^&]+)', sent.value.post_data)
    assert credential
    said = sent.value.post_data_json["credential"]

    thief = Client()
    thief.post("/account/login/", {"login": analyst.email, "password": PASSWORD})
    thief.get("/account/second-factor/prove/")  # a challenge of its own
    answer = thief.post("/account/second-factor/prove/", {"credential": said})

    assert answer.status_code == 200
    assert "_auth_user_id" not in thief.session


# What the page's own script does, where the page offers no passkey: with the key of this device all the same.
USE_PASSKEY = """async ([challenge, id]) => {
  const bytes = (text) => Uint8Array.from(
    atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\\+/g, "-").replace(/\\//g, "_").replace(/=+$/, "");
  const allowCredentials = [{ type: "public-key", id: bytes(id) }];
  const used = await navigator.credentials.get({
    publicKey: { challenge: bytes(challenge), rpId: location.hostname, allowCredentials } });
  const { clientDataJSON, authenticatorData, signature } = used.response;
  const response = { clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData),
    signature: text(signature), userHandle: null };
  const form = document.querySelector("main form");
  form.querySelector("[name=code]")?.remove();
  const field = form.querySelector("[name=credential]") ?? document.createElement("input");
  field.name = "credential";
  field.value = JSON.stringify(
    { id: used.id, rawId: text(used.rawId), type: used.type, clientExtensionResults: {}, response });
  form.append(field);
  form.submit();
}"""


@pytest.mark.parametrize("is_removed", [False, True], ids=["there", "removed"])
def test_a_passkey_opens_until_it_is_removed(page: Page, give_password, authenticator, analyst, is_removed):
    give_password(analyst)
    page.goto("/account/second-factor/passkeys/add/")
    add_passkey_by_keyboard(page, "My laptop")
    keep_recovery_codes(user=analyst)
    add_app(user=analyst, secret=SECRET, this=None)
    passkey = Authenticator.objects.get(user=analyst, type=Authenticator.Type.WEBAUTHN)
    if is_removed:
        remove_factor(user=analyst, factor_id=passkey.pk, this=None)

    give_password(User.objects.get(pk=analyst.pk))
    assert page.get_by_role("button", name="Use the passkey").count() == (0 if is_removed else 1)
    key = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "sessionid")
    challenge = Session.objects.get(session_key=key).get_decoded()["mfa.webauthn.state"]["challenge"]
    with page.expect_navigation():
        page.evaluate(USE_PASSKEY, [challenge, passkey.data["credential"]["id"]])

    if is_removed:
        expect(page.get_by_text("The passkey was not accepted.").first).to_be_visible()
        expect(page.locator(".person-name")).to_have_count(0)
    else:
        expect(page.locator(".person-name")).to_contain_text(OPENS)


def test_a_passkey_proves_it_again_and_is_removed(
    page: Page, give_password, authenticator, analyst, site_url, complaints
):
    typist = give_password(analyst)
    typist.follow(OPENS)
    expect(page.locator("main h1")).to_have_text("Your account")
    look_at(page, site_url)
    typist.follow("Add a passkey")
    add_passkey_by_keyboard(page, "My laptop")
    typist.follow("I have kept the codes")
    typist.follow(OPENS)
    look_at(page, site_url)

    typist.follow("Remove\nMy laptop")
    expect(page.locator("main h1")).to_have_text("Your password, again")
    look_at(page, site_url)
    typist.tab_to("Your password")
    typist.type(PASSWORD)
    with page.expect_navigation():
        typist.press("Enter")
    expect(page.locator("main h1")).to_have_text("Your second factor, again")
    look_at(page, site_url)
    typist.follow("Use the passkey")
    expect(page.locator("main h1")).to_have_text("Remove the passkey My laptop")
    look_at(page, site_url)
    typist.follow("Remove it")

    expect(page.locator("main h1")).to_have_text("Your account")
    expect(page.get_by_role("status")).to_contain_text("The passkey is removed.")
    assert factors_of(analyst).passkeys == ()
    assert complaints == []


def test_the_same_device_is_not_added_twice(page: Page, give_password, authenticator, anna):
    typist = give_password(anna)
    typist.tab_to("Code")
    typist.type(code_of(SECRET))
    with page.expect_navigation():
        typist.press("Enter")
    for name in ("My laptop", "My laptop again"):
        page.goto("/account/second-factor/passkeys/add/")
        if "prove" in page.url:
            page.get_by_label("Your password").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.wait_for_url("**/prove/second-factor/**")
            page.locator("#id_code").fill(codes_of(anna)[0])
            page.keyboard.press("Enter")
            page.wait_for_url("**/passkeys/add/")
        page.get_by_label("Name of the passkey").fill(name)
        page.keyboard.press("Enter")
        expect(
            page.get_by_text(["The passkey is added.", "has been added already."][name != "My laptop"])
        ).to_be_visible()

    assert [passkey.name for passkey in factors_of(anna).passkeys] == ["My laptop"]


def test_an_app_is_set_up_by_its_key_and_logs_in(page: Page, give_password, analyst, site_url, complaints):
    typist = give_password(analyst)
    page.goto("/account/second-factor/app/add/")
    look_at(page, site_url)
    key = page.locator(".app-key").inner_text().replace(" ", "")
    box = page.locator(".qr-code").bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 200
    typist.tab_to("Code from the app")
    typist.type("000000")
    with page.expect_navigation():
        typist.press("Enter")
    assert_accessible(page)  # with what is wrong
    expect(page.locator("[data-error-summary]")).to_be_focused()
    typist.tab_to("Code from the app")  # the link in the summary
    typist.tab_to("Code from the app")
    page.keyboard.press("Control+A")
    typist.type(code_of(key))
    with page.expect_navigation():
        typist.press("Enter")
    typist.follow("I have kept the codes")

    typist = give_password(analyst)
    look_at(page, site_url)
    typist.tab_to("Code")
    typist.type(code_of(key, steps=1))
    with page.expect_navigation():
        typist.press("Enter")

    expect(page.locator(".person-name")).to_contain_text(OPENS)
    assert complaints == []


def test_the_app_is_not_removed_where_it_is_the_last(page: Page, give_password, anna, required, site_url):
    typist = give_password(anna)
    typist.tab_to("Code")
    typist.type(code_of(SECRET))
    with page.expect_navigation():
        typist.press("Enter")
    page.goto("/account/second-factor/app/remove/")
    page.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#id_code").fill(codes_of(anna)[0])
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert")).to_contain_text("It is your last second factor")
    look_at(page, site_url)
    assert page.get_by_role("button", name="Remove it").count() == 0


@pytest.mark.parametrize("how", ["without JavaScript", "at an address of numbers"])
def test_where_passkeys_do_not_work_the_page_says_so(browser: Browser, live_site, analyst, site_url, how):
    is_by_number = how == "at an address of numbers"
    context = browser.new_context(
        base_url=str(live_site.url) if is_by_number else site_url, java_script_enabled=is_by_number
    )
    page = context.new_page()
    speak(page, "en", live_site.url if is_by_number else site_url)
    page.goto("/account/login/")
    page.get_by_label("E-mail address").fill(analyst.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator(".person-name")).to_contain_text(OPENS)
    page.goto("/account/second-factor/passkeys/add/")

    expect(page.get_by_text("Passkeys do not work here")).to_be_visible()
    expect(page.get_by_role("button", name="Add the passkey")).to_have_count(0)
    context.close()


@pytest.mark.look
def test_the_pages_hold_at_the_narrowest_width(page: Page, give_password, anna, site_url):
    make_recovery_codes(user=anna, this=None)
    page.set_viewport_size({"width": 320, "height": 800})
    give_password(anna)
    narrow(page)
    page.locator("#id_code").fill(code_of(SECRET))
    page.keyboard.press("Enter")
    expect(page.locator(".person-name")).to_contain_text(OPENS)
    for address in ("/account/", "/account/prove/password/", "/account/prove/second-factor/"):
        page.goto(address)
        narrow(page)
    page.goto("/account/second-factor/codes/")
    page.get_by_label("Your password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#id_code").fill(codes_of(anna)[0])
    page.keyboard.press("Enter")
    page.wait_for_url("**/second-factor/codes/")
    narrow(page)


def narrow(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url
