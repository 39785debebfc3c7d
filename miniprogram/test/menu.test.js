"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { Phone, refused, HOUSE, START, WEB } = require("./phone");

const menu = async (change = () => undefined) => {
  const phone = new Phone();
  phone.answers.login = () => ({ outcome: "signed_in", follow: true, open: `${HOUSE}/wechat/mini/enter#TOKEN` });
  change(phone);
  return [phone, await phone.open(START)];
};

const offering = (phone) => {
  phone.answers.notices = (_, method) =>
    method === "GET" ? { templates: [{ id: "T1", title: "去向登记确认提醒" }, { id: "T2", title: "审核结果通知" }] } : "";
};

test("signing out here ends the session, forgets the secret and signs nobody in by itself", async () => {
  const [phone, page] = await menu();
  const secret = phone.storage.get("secret");
  await page.fire("#leave");
  assert.deepEqual(phone.sent("sign-out"), [{ secret }]);
  assert.equal(phone.storage.has("secret"), false);
  assert.ok(page.text.includes("已退出登录"));

  const asked = phone.sent("login").length;
  const again = await phone.open(START);
  assert.equal(phone.sent("login").length, asked);
  await again.fire("#again");
  assert.equal(phone.sent("login").length, asked + 1);
  assert.notEqual(phone.storage.get("secret"), secret);
});

test("who thinks better of it stays signed in", async () => {
  const [phone, page] = await menu((each) => (each.confirms = false));
  await page.fire("#leave");
  assert.deepEqual(phone.sent("sign-out"), []);
  assert.ok(page.has("#leave"));
});

test("signing out that did not reach the server is not believed", async () => {
  const [phone, page] = await menu();
  phone.fails.request = { errMsg: "request:fail " };
  await page.fire("#leave");
  assert.ok(page.text.includes("网络不畅") && page.has("#leave"));
  assert.ok(phone.storage.has("secret"));
});

test("signing out on the web page ends it here", async () => {
  const [phone, page] = await menu();
  phone.answers.session = () => ({ signed_in: false });
  await page.again();
  assert.ok(page.text.includes("登录已结束"));
  assert.equal(phone.storage.has("secret"), false);
});

test("a look at the session that fails changes nothing", async () => {
  const [phone, page] = await menu();
  phone.fails.request = { errMsg: "request:fail " };
  await page.again();
  assert.ok(page.has("#leave") && page.data.said === "");
});

test("who does not follow is told what for", async () => {
  assert.ok((await menu())[1].text.includes("关注服务号后"));
});

test("her pages open again by a fresh login", async () => {
  const [phone, page] = await menu();
  await page.fire("#open");
  assert.equal(phone.sent("login").length, 2);
  assert.deepEqual(phone.gone, ["/pages/web/web", "/pages/web/web"]);
});

test("a report's code that was scanned is opened, without a login", async () => {
  const [phone, page] = await menu();
  await page.fire("#scan");
  assert.equal(phone.gone.at(-1), "/pages/web/web?report=abcdefgh12345678");
  const web = await phone.open(WEB, { report: "abcdefgh12345678" });
  assert.equal(web.data.address, `${HOUSE}/v/abcdefgh12345678`);
});

const STRANGE = [
  "https://elsewhere.example/v/abcdefgh12345678",
  `${HOUSE}.elsewhere.example/v/abcdefgh12345678`,
  `${HOUSE}@elsewhere.example/v/abcdefgh12345678`,
  HOUSE.replace("https", "http") + "/v/abcdefgh12345678",
  `${HOUSE}/v/../wechat/mini/enter`,
  `${HOUSE}/wechat/mini/enter#abcdefgh12345678`,
  `${HOUSE}/v/abcdefgh12345678/more`,
  "javascript:alert(1)",
  "",
];
for (const scanned of STRANGE) {
  test(`a scan of “${scanned}” opens nothing`, async () => {
    const [phone, page] = await menu((each) => (each.scanned = scanned));
    const went = phone.gone.length;
    await page.fire("#scan");
    assert.equal(phone.gone.length, went);
    assert.ok(page.text.includes("不是本系统的核验二维码"));
  });
}

test("a scan that was closed says nothing; one that failed says why", async () => {
  const [phone, page] = await menu();
  for (const [errMsg, said] of [
    ["scanCode:fail cancel", ""],
    ["scanCode:fail:auth denied", "微信没有相机权限，请在手机设置中允许微信使用相机"],
    ["scanCode:fail", "没有识别到二维码，请重新扫描"],
  ]) {
    phone.fails.scanCode = { errMsg };
    await page.fire("#scan");
    assert.equal(page.data.said, said);
  }
});

test("notices are offered where there are any", async () => {
  assert.ok(!(await menu())[1].has("#notices"));
  assert.ok((await menu(offering))[1].has("#notices"));
  const [, page] = await menu((phone) => (phone.answers.notices = () => refused(503, "wechat_away")));
  assert.ok(!page.has("#notices") && page.has("#leave"));
});

test("what she allowed is told to the server, and what she did not", async () => {
  const [phone, page] = await menu(offering);
  phone.subscribed = { errMsg: "requestSubscribeMessage:ok", T1: "accept", T2: "ban" };
  await page.fire("#notices");
  assert.deepEqual(phone.offered, ["T1", "T2"]);
  assert.deepEqual(phone.sent("notices").at(-1), { secret: phone.storage.get("secret"), answers: { T1: "accept", T2: "ban" } });
  assert.deepEqual(phone.toasts, ["已订阅"]);
});

test("who allowed nothing is not told that she did", async () => {
  const [phone, page] = await menu(offering);
  phone.subscribed = { T1: "reject", T2: "reject" };
  await page.fire("#notices");
  assert.deepEqual(phone.toasts, []);
});

test("each failure of a subscription is said", async () => {
  const [phone, page] = await menu(offering);
  for (const [failure, said] of [
    [{ errCode: 20004 }, "您已关闭订阅消息"],
    [{ errorCode: 20004 }, "您已关闭订阅消息"],
    [{ errCode: 10002 }, "没有订阅成功"],
    [{ errCode: 10003 }, "没有订阅成功"],
    [{ errCode: 20001 }, "暂时不能订阅"],
    [{ errCode: 10005 }, "暂时不能订阅"],
  ]) {
    phone.fails.requestSubscribeMessage = failure;
    await page.fire("#notices");
    assert.ok(page.text.includes(said), `${JSON.stringify(failure)}: ${page.data.said}`);
  }
});

test("where WeChat asks for its guide first, her answer is handed on with the button she tapped", async () => {
  const phone = new Phone();
  const page = await phone.open(START);
  const given = [];
  phone.wantsPrivacy((answer) => given.push(answer));
  await page.settled();
  assert.ok(page.text.includes("《去向登记隐私保护指引》"));
  await page.fire("#agree", "agreeprivacyauthorization");
  phone.wantsPrivacy((answer) => given.push(answer));
  await page.fire("#disagree");
  assert.deepEqual(given, [{ event: "agree", buttonId: "agree" }, { event: "disagree" }]);
});

test("the page follows the phone from light to dark", async () => {
  const [phone, page] = await menu((each) => (each.theme = "dark"));
  assert.ok(page.html.includes('data-weui-theme="dark"'));
  phone.themeChanges({ theme: "light" });
  assert.ok(page.html.includes('data-weui-theme="light"'));
});
