// A phone to play the pages on: WeChat's own rendering (miniprogram-simulate) in jsdom, a stand-in for the
// platform's calls, and one for our server that speaks docs/miniprogram.md.
"use strict";
const { webcrypto } = require("node:crypto");
const path = require("node:path");
const { JSDOM } = require("jsdom");

const ROOT = path.join(__dirname, "..", "src");
const { address: HOUSE } = require("../src/settings");

const { window } = new JSDOM("<!doctype html><html><head></head><body></body></html>");
for (const name of ["document", "Node", "Element", "HTMLElement", "Event", "CustomEvent", "Text", "DocumentFragment"]) {
  global[name] = window[name];
}
global.window = window;
const simulate = require("miniprogram-simulate");

const COMMONS = path.join(ROOT, "vendor", "weui-1.5.6", "_commons", "0.js");
const loaded = {};
/** A page is loaded once. WeUI's bundle registers a component once for each time that it is read itself. */
const load = (page) => {
  delete require.cache[COMMONS];
  return (loaded[page] ??= simulate.load(path.join(ROOT, page), { rootPath: ROOT, compiler: "official" }));
};

const later = () => new Promise((resolve) => setImmediate(resolve));

const NOTICE = {
  version: "2026-11-29",
  title: "个人信息处理说明",
  paragraphs: ["一、谁处理您的信息。您的学校。", "二、处理什么。微信绑定的手机号，仅用于核对身份。"],
  consent: "同意并使用微信手机号登录",
};

class Phone {
  constructor() {
    this.storage = new Map();
    this.asked = []; // what the server was asked, as [path, data]
    this.gone = []; // where the platform was told to go
    this.toasts = [];
    this.codes = 0;
    this.answers = {
      privacy: () => NOTICE,
      login: () => ({ outcome: "identify", follow: false, open: `${HOUSE}/wechat/mini/enter#TOKEN` }),
      session: () => ({ signed_in: true }),
      "sign-out": () => "",
      notices: () => ({ templates: [] }),
    };
    this.fails = {}; // by the name of a call: what it fails with
    this.scanned = `${HOUSE}/v/abcdefgh12345678`;
    this.subscribed = {};
    this.confirms = true;
    this.lacks = [];
    this.theme = "light";
    global.wx = this.platform();
  }

  platform() {
    const call = (name, answer) => (options = {}) => {
      if (this.fails[name]) return options.fail?.(this.fails[name]);
      return options.success?.(answer(options));
    };
    return {
      canIUse: (name) => !this.lacks.includes(name),
      getStorageSync: (key) => this.storage.get(key) ?? "",
      setStorageSync: (key, value) => {
        if (this.fails.setStorageSync) throw new Error("exceed max size");
        this.storage.set(key, value);
      },
      removeStorageSync: (key) => this.storage.delete(key),
      getRandomValues: call("getRandomValues", ({ length }) => ({
        randomValues: webcrypto.getRandomValues(new Uint8Array(length)).buffer,
      })),
      getAppBaseInfo: () => ({ theme: this.theme }),
      onThemeChange: (listener) => (this.themeChanges = listener),
      login: call("login", () => ({ code: `login-code-${++this.codes}` })),
      request: (options) => this.request(options),
      scanCode: call("scanCode", () => ({ result: this.scanned })),
      requestSubscribeMessage: call("requestSubscribeMessage", ({ tmplIds }) => {
        this.offered = tmplIds;
        return this.subscribed;
      }),
      showModal: call("showModal", () => ({ confirm: this.confirms })),
      showToast: ({ title }) => this.toasts.push(title),
      navigateTo: ({ url }) => this.gone.push(url),
      reLaunch: ({ url }) => this.gone.push(url),
      openPrivacyContract: call("openPrivacyContract", () => ({})),
      getPrivacySetting: call("getPrivacySetting", () => ({ privacyContractName: "《去向登记隐私保护指引》" })),
      onNeedPrivacyAuthorization: (listener) => (this.wantsPrivacy = listener),
    };
  }

  request({ url, method, data, header, success, fail }) {
    if (this.fails.request) return void setImmediate(() => fail(this.fails.request));
    const path = url.slice(`${HOUSE}/wechat/mini/`.length);
    const body = data && JSON.parse(JSON.stringify(data));
    this.asked.push([path, body, method, header]);
    const answer = this.answers[path](body, method);
    const problem = answer?.status >= 400;
    return void setImmediate(() => success({ statusCode: problem ? answer.status : 200, data: problem ? answer.body : answer }));
  }

  /** What was sent to one address of the server. */
  sent(path) {
    return this.asked.filter(([to]) => to === path).map(([, data]) => data);
  }

  /** Open a page as the platform does. */
  async open(page, query = {}) {
    const shown = new Shown(simulate.render(load(page)));
    await shown.component.instance.onLoad?.(query);
    await shown.settled();
    return shown;
  }
}

/** A refusal of the server's, as RFC 9457 has it. */
const refused = (status, code, sentence = `（${code}）`) => ({
  status,
  body: { type: "about:blank", title: code, status, code, sentence },
});

class Shown {
  constructor(component) {
    this.component = component;
    component.attach(document.createElement("parent-wrapper"));
  }

  /** Wait until nothing that was begun is left: a page that works says so. */
  async settled() {
    do for (let turn = 0; turn < 10; turn += 1) await later();
    while (this.component.data.busy);
  }

  get text() {
    return this.component.dom.textContent.replace(/\s+/g, " ").trim();
  }

  get html() {
    return this.component.dom.outerHTML;
  }

  get data() {
    return this.component.data;
  }

  has(selector) {
    return this.component.querySelector(selector) !== undefined;
  }

  async fire(selector, event = "tap", detail = {}) {
    const found = this.component.querySelector(selector);
    if (!found) throw new Error(`no ${selector} in: ${this.text}`);
    found.dispatchEvent(event, { detail });
    await this.settled();
  }

  async again() {
    await this.component.instance.onShow();
    await this.settled();
  }

  shares(options = {}) {
    return this.component.instance.onShareAppMessage(options);
  }
}

const START = "pages/start/start";
const WEB = "pages/web/web";

module.exports = { Phone, refused, HOUSE, NOTICE, START, WEB, ROOT };
