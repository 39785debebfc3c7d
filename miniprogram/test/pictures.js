// Writes each state of the pages, as WeChat's renderer makes it, with WeUI's styles, into a folder: HTML, and a
// picture of 360 px each where Chromium is there. `make miniprogram-pictures` calls it.
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { spawnSync } = require("node:child_process");
const { Phone, refused, HOUSE, ROOT, START, WEB } = require("./phone");

const [, , folder, noticeFile] = process.argv;
const WEUI = path.join(ROOT, "vendor", "weui-1.5.6");

const read = (...parts) => fs.readFileSync(path.join(...parts), "utf8");
// What the platform does by itself: its elements are blocks, its page is ours' body.
const PLATFORM = `
body { margin: 0; } wx-view, wx-button, main, mp-cell, mp-cells, mp-msg, mp-half-screen-dialog { display: block; }
* { animation: none !important; } wx-button { text-align: center; box-sizing: border-box; } wx-icon::before { content: "●"; font-size: 64px; color: var(--weui-BRAND); }
`;
const styles = (page) =>
  [
    PLATFORM,
    read(WEUI, "weui.wxss"),
    ...["cell", "cells", "half-screen-dialog", "msg"].map((each) => read(WEUI, each, `${each}.wxss`)),
    read(ROOT, `${page}.wxss`),
  ]
    .join("\n")
    .replace(/(^|[},\s])page(?=[\s,{])/gm, "$1body")
    .replace(/(\d+)rpx/g, (_, size) => `${(size * 360) / 750}px`);

/** The document, its classes without the prefix by which the renderer keeps components apart. */
const documentOf = (shown, theme, page) => `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><style>${styles(page)}</style></head>
<body data-weui-theme="${theme}">${shown.html.replace(/\b(main|mp-[a-z-]+?)--/g, "")}</body></html>`;

const signedIn = { outcome: "signed_in", follow: true, open: `${HOUSE}/wechat/mini/enter#TOKEN` };
const notice = noticeFile && JSON.parse(fs.readFileSync(noticeFile, "utf8"));

const stranger = (phone) => {
  if (notice) phone.answers.privacy = () => notice;
};
const member = (phone) => {
  phone.answers.login = () => signedIn;
  phone.answers.notices = () => ({ templates: [{ id: "T1", title: "去向登记确认提醒" }] });
};
const refusing = (phone) => {
  phone.answers.login = () => refused(409, "binding_waits", "您登记的手机号近日由学校更改，24 小时后可以绑定。如需立即绑定，请联系学校就业部门。");
};
const offline = (phone) => (phone.fails.request = { errMsg: "request:fail " });

/** Each picture: its name, how the phone is, and what is done. */
const STATES = [
  ["consent", stranger],
  ["consent-refused", stranger, (page) => page.fire("#phone", "getphonenumber", { errMsg: "getPhoneNumber:fail user deny" })],
  ["consent-guide", stranger, (page, phone) => phone.wantsPrivacy(() => undefined)],
  ["menu", member],
  ["menu-said", member, (page, phone) => ((phone.scanned = "https://elsewhere.example/"), page.fire("#scan"))],
  ["left", member, (page) => page.fire("#leave")],
  ["failed", offline],
  ["refused", refusing],
];

const picture = (file, png) =>
  spawnSync("chromium", ["--headless", "--no-sandbox", "--hide-scrollbars", "--force-device-scale-factor=2", "--window-size=360,720",
    `--screenshot=${png}`, `file://${file}`], { stdio: "ignore", timeout: 60000 });

const save = (name, shown, theme, page = START) => {
  const file = path.resolve(folder, `${name}.html`);
  fs.writeFileSync(file, documentOf(shown, theme, page));
  picture(file, file.replace(/html$/, "png"));
};

const main = async () => {
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, prepare, act] of STATES) {
    const phone = new Phone();
    phone.theme = name === "menu" ? "dark" : "light";
    prepare(phone);
    const page = await phone.open(START);
    await act?.(page, phone);
    await page.settled();
    save(name, page, phone.theme);
  }
  const phone = new Phone();
  const web = await phone.open(WEB, { report: "abcdefgh12345678" });
  await web.fire("#web", "error");
  save("web-failed", web, "light", WEB);
};

main();
