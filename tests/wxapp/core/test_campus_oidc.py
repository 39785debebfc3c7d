"""Staff sign in by a campus that speaks OpenID Connect, as by one that speaks CAS."""

from urllib.parse import urlencode

from tests.notifier.providers.oidc_campus import LOGOUT, run_campus
from tests.pages import Browser
from tests.wxapp.core.campuses import NUMBER, add_staff, bind, campus_login
from tests.wxapp.site import HOST, Site


def test_a_campus_that_speaks_openid_connect_signs_in_and_out_alike(
    site: Site,
) -> None:
    bound = add_staff(site)
    code = campus_login(site).school
    with run_campus() as campus:
        campus.me["code"] = NUMBER
        bind(site, bound, campus.address, "liwei")
        app = site.app_with(campus_logins=(campus.login(school=code),))
        browser = Browser(app.test_client()).get("/login/campus/o")
        came = campus.sign_in(browser.leads_to or "")
        assert campus.asked["redirect_uri"] == f"{HOST}/login/campus/o/back"
        browser.get(f"/login/campus/o/back?{urlencode(came)}")
        assert browser.path == "/school/"
        campus.header |= {"typ": "logout+jwt"}
        token = campus.token(events=LOGOUT, sid="s1", jti="1", exp=None)
        app.test_client().post("/login/campus/o/back", data={"logout_token": token})
        assert browser.get("/school/").path == "/login"
        campus.status = 500
        again = site.app_with(campus_logins=(campus.login(school=code),))
        page = Browser(again.test_client()).get("/login/campus/o")
        assert "暂时无法连接" in page.find("[role=alert]").text
