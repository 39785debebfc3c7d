"use strict";
const assert = require("node:assert/strict");
const { test } = require("node:test");
const { Phone, HOUSE, WEB, START } = require("./phone");

const ENTRANCE = { title: "毕业去向登记", path: "/pages/start/start" };
const FORWARD = `${HOUSE}/g/authorization/file/forward`;
const LINK = `${HOUSE}/v/abcdefgh12345678`;
const posted = (page, link = LINK) => ({ title: "李娟的档案去向核验报告", link, page });

const opened = async (messages = []) => {
  const phone = new Phone();
  const page = await phone.open(WEB, { report: "abcdefgh12345678" });
  await page.fire("#web", "message", { data: messages });
  return page;
};

test("a report that is looked at is forwarded as itself", async () => {
  const page = await opened();
  const card = { title: "去向核验报告", path: "/pages/web/web?report=abcdefgh12345678" };
  assert.deepEqual(page.shares({ webViewUrl: LINK }), card);
  assert.deepEqual(page.shares({ webViewUrl: `${LINK}?x=1#y` }), card);
});

test("the page of a number forwards the report that it posted", async () => {
  const page = await opened([posted(FORWARD)]);
  assert.deepEqual(page.shares({ webViewUrl: FORWARD }), {
    title: "李娟的档案去向核验报告",
    path: "/pages/web/web?report=abcdefgh12345678",
  });
});

test("what another page posted is not forwarded from this one", async () => {
  const page = await opened([posted(FORWARD)]);
  assert.deepEqual(page.shares({ webViewUrl: `${HOUSE}/g/me` }), ENTRANCE);
});

test("a link that leads elsewhere is not forwarded", async () => {
  const page = await opened([posted(FORWARD, "https://elsewhere.example/v/abcdefgh12345678"), null, "x"]);
  assert.deepEqual(page.shares({ webViewUrl: FORWARD }), ENTRANCE);
});

test("neither token nor secret leaves with a card", async () => {
  const page = await opened();
  assert.deepEqual(page.shares({ webViewUrl: `${HOUSE}/wechat/mini/enter#TOKEN&device=SECRET` }), ENTRANCE);
  assert.deepEqual(page.shares({}), ENTRANCE);
});

test("the entrance forwards itself", async () => {
  assert.deepEqual((await new Phone().open(START)).shares(), ENTRANCE);
});

test("a card that somebody made up opens nothing but a report of ours", async () => {
  for (const report of ["../wechat/mini/enter", "a", "", "%2F%2Felsewhere.example", "abcdefgh12345678?x"]) {
    const phone = new Phone();
    const page = await phone.open(WEB, { report });
    assert.equal(page.data.address, "");
    assert.deepEqual(phone.gone, ["/pages/start/start"]);
  }
});

test("a page that does not open says so", async () => {
  const page = await opened();
  await page.fire("#web", "error", { src: LINK });
  assert.ok(page.text.includes("请检查网络后重试"));
});
