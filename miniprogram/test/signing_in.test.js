"use strict";
const assert = require("node:assert/strict");
const { createHash } = require("node:crypto");
const { test } = require("node:test");
const { Phone, refused, HOUSE, NOTICE, START, WEB } = require("./phone");

const OPEN = `${HOUSE}/wechat/mini/enter#TOKEN`;
const signedIn = () => ({ outcome: "signed_in", follow: false, open: OPEN });
const known = () => {
  const phone = new Phone();
  phone.answers.login = signedIn;
  return phone;
};

test("who is known here comes to her pages without a tap", async () => {
  const phone = known();
  await phone.open(START, { to: "confirmation", message: "m-1" });
  const [{ login_code, device, ...rest }] = phone.sent("login");
  assert.deepEqual(rest, { to: "confirmation", message: "m-1" });
  assert.match(device, /^[0-9a-f]{64}$/);
  assert.equal(login_code, "login-code-1");
  assert.deepEqual(phone.gone, ["/pages/web/web"]);
});

test("the secret stands behind the # only, and its hash is what the server was told", async () => {
  const phone = known();
  await phone.open(START);
  const web = await phone.open(WEB);
  const secret = phone.storage.get("secret");
  assert.match(secret, /^[0-9a-f]{64}$/);
  assert.equal(web.data.address, `${OPEN}&device=${secret}`);
  assert.equal(phone.sent("login")[0].device, createHash("sha256").update(secret).digest("hex"));
  assert.ok(!JSON.stringify(phone.sent("login")).includes(secret));
});

test("what was handed over opens one page once", async () => {
  const phone = known();
  await phone.open(START);
  await phone.open(WEB);
  const second = await phone.open(WEB);
  assert.equal(second.data.address, "");
  assert.equal(phone.gone.at(-1), "/pages/start/start");
});

test("a stranger reads what the number is used for before the button", async () => {
  const phone = new Phone();
  const page = await phone.open(START);
  for (const said of [NOTICE.title, ...NOTICE.paragraphs, NOTICE.consent]) assert.ok(page.text.includes(said), said);
  assert.deepEqual(phone.gone, []);
});

test("one tap on the button agrees to WeChat's guide and shares the number", async () => {
  const phone = new Phone();
  assert.equal((await phone.open(START)).data.button, "getPhoneNumber|agreePrivacyAuthorization");
});

test("an old WeChat gets the button that it knows", async () => {
  const phone = new Phone();
  phone.lacks = ["button.open-type.agreePrivacyAuthorization"];
  assert.equal((await phone.open(START)).data.button, "getPhoneNumber");
});

test("the number's code goes with a fresh login code and the version she read", async () => {
  const phone = new Phone();
  const page = await phone.open(START);
  phone.answers.login = signedIn;
  await page.fire("#phone", "getphonenumber", { code: "phone-1" });
  const { device, ...sent } = phone.sent("login")[1];
  assert.deepEqual(sent, { login_code: "login-code-2", phone_code: "phone-1", consent_version: NOTICE.version });
  assert.deepEqual(phone.gone, ["/pages/web/web"]);
  assert.ok(page.has("#open"));
});

const REFUSALS = [
  ["Android's refusal", { errMsg: "getPhoneNumber:fail:user deny" }, "您没有提供手机号"],
  ["iOS's refusal", { errMsg: "getPhoneNumber:fail user deny" }, "您没有提供手机号"],
  ["a quota used up", { errMsg: "getPhoneNumber:fail", errno: 1400001 }, "手机号登录暂时不能使用"],
  ["WeChat's guide not agreed to", { errMsg: "getPhoneNumber:fail privacy permission is not authorized", errno: 104 }, "《用户隐私保护指引》后"],
  ["anything else", { errMsg: "getPhoneNumber:fail jsapi has no permission" }, "没有获取到手机号"],
];
for (const [what, detail, said] of REFUSALS) {
  test(`${what} is said, and asks the server nothing`, async () => {
    const phone = new Phone();
    const page = await phone.open(START);
    await page.fire("#phone", "getphonenumber", detail);
    assert.ok(page.data.said.includes(said), page.data.said);
    assert.ok(page.text.includes(page.data.said));
    assert.equal(phone.sent("login").length, 1);
  });
}

test("the way without the number opens the page for name and identity number", async () => {
  const phone = new Phone();
  const page = await phone.open(START, { to: "confirmation" });
  await page.fire("#other");
  const [, { device, ...sent }] = phone.sent("login");
  assert.deepEqual(sent, { to: "confirmation", login_code: "login-code-2" });
  assert.deepEqual(phone.gone, ["/pages/web/web"]);
});

test("who signed in by name on the web page finds the menu when she comes back", async () => {
  const phone = new Phone();
  const page = await phone.open(START);
  await page.fire("#other");
  await page.again();
  assert.ok(page.has("#open"));
});

test("who comes back without having signed in finds the button", async () => {
  const phone = new Phone();
  phone.answers.session = () => ({ signed_in: false });
  const page = await phone.open(START);
  await page.fire("#other");
  await page.again();
  assert.ok(page.has("#phone"));
});

test("a notice that changed is shown again before anything is shared again", async () => {
  const phone = new Phone();
  const page = await phone.open(START);
  phone.answers.login = () => refused(409, "notice_changed", "说明已更新，请重新阅读");
  phone.answers.privacy = () => ({ ...NOTICE, version: "2026-12-01", paragraphs: ["新的说明"] });
  await page.fire("#phone", "getphonenumber", { code: "phone-1" });
  assert.ok(page.text.includes("新的说明") && page.text.includes("说明已更新，请重新阅读"));
  phone.answers.login = signedIn;
  await page.fire("#phone", "getphonenumber", { code: "phone-2" });
  assert.equal(phone.sent("login").at(-1).consent_version, "2026-12-01");
});

test("a notice that changed and cannot be read leaves a way to try again", async () => {
  const phone = new Phone();
  const page = await phone.open(START);
  phone.answers.login = () => refused(409, "notice_changed");
  phone.answers.privacy = () => refused(503, "odd", "服务暂时不可用");
  await page.fire("#phone", "getphonenumber", { code: "phone-1" });
  assert.ok(page.has("#again") && page.text.includes("服务暂时不可用"));
});

test("the notice's headings are told from its text", async () => {
  const phone = new Phone();
  phone.answers.privacy = () => ({ ...NOTICE, paragraphs: ["一、谁处理您的信息", "一般由学校处理"] });
  assert.deepEqual(
    (await phone.open(START)).data.paragraphs.map(({ heading }) => heading),
    [true, false],
  );
});

test("a login code that WeChat used up is asked for once more, and only once", async () => {
  const phone = new Phone();
  const answers = [refused(409, "login_code_used"), signedIn()];
  phone.answers.login = () => answers.shift();
  await phone.open(START);
  assert.deepEqual(phone.sent("login").map(({ login_code }) => login_code), ["login-code-1", "login-code-2"]);
  assert.deepEqual(phone.gone, ["/pages/web/web"]);

  const unlucky = new Phone();
  unlucky.answers.login = () => refused(409, "login_code_used", "请重试");
  const page = await unlucky.open(START);
  assert.equal(unlucky.sent("login").length, 2);
  assert.ok(page.text.includes("请重试"));
});

test("a number's code is never sent twice", async () => {
  const phone = new Phone();
  const page = await phone.open(START);
  phone.answers.login = () => refused(409, "login_code_used", "请重试");
  await page.fire("#phone", "getphonenumber", { code: "phone-1" });
  assert.equal(phone.sent("login").filter(({ phone_code }) => phone_code === "phone-1").length, 1);
  assert.ok(page.has("#phone"));
});

for (const code of ["bound_elsewhere", "openid_bound", "binding_waits", "binding_objected", "high_risk"]) {
  test(`${code} is said alone`, async () => {
    const phone = new Phone();
    const page = await phone.open(START);
    phone.answers.login = () => refused(409, code, "不能登录的原因");
    await page.fire("#phone", "getphonenumber", { code: "phone-1" });
    assert.ok(page.text.includes("不能登录的原因"));
    assert.ok(!page.has("#phone"));
  });
}

const UNREACHED = [
  ["no network", { errMsg: "request:fail " }, "网络不畅"],
  ["a time-out", { errMsg: "request:fail timeout", errno: 5 }, "网络超时"],
  ["a time-out in the phone's language", { errMsg: "request:fail 请求超时。" }, "网络超时"],
  ["a domain that is not set", { errMsg: "request:fail url not in domain list", errno: 600002 }, "无法连接登记系统"],
];
for (const [what, failure, said] of UNREACHED) {
  test(`${what} is said with a way to try again, which works`, async () => {
    const phone = known();
    phone.fails.request = failure;
    const page = await phone.open(START);
    assert.ok(page.text.includes(said), page.text);
    delete phone.fails.request;
    await page.fire("#again");
    assert.deepEqual(phone.gone, ["/pages/web/web"]);
  });
}

test("a proxy's page of its own is said as what it is", async () => {
  const phone = new Phone();
  phone.answers.login = () => ({ status: 502, body: "<html>Bad Gateway</html>" });
  assert.ok((await phone.open(START)).text.includes("服务暂时不可用"));
});

test("a WeChat that cannot log in, or has no numbers for a secret, is said", async () => {
  const away = known();
  away.fails.login = { errMsg: "login:fail" };
  assert.ok((await away.open(START)).text.includes("微信登录没有成功"));

  const old = known();
  old.lacks = ["getRandomValues"];
  assert.ok((await old.open(START)).text.includes("请更新微信"));

  const full = known();
  full.fails.setStorageSync = true;
  assert.ok((await full.open(START)).text.includes("存储空间不足"));
});

test("what a card asks for is passed on only if it is a word", async () => {
  const phone = known();
  await phone.open(START, { to: "https://elsewhere.example/", message: "../x" });
  const [{ login_code, device, ...rest }] = phone.sent("login");
  assert.deepEqual(rest, {});
});
