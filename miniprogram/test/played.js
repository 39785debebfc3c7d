// The mini program against a server that is there: told what to do line by line, it says what came of it.
// A test in Python gives it the address and WeChat's codes (tests/miniprogram).
"use strict";
const readline = require("node:readline");
require("../src/settings").address = process.argv[2];
const { Phone, HOUSE } = require("./phone");

class Played extends Phone {
  constructor() {
    super();
    this.given = []; // WeChat's login codes, to be used in their order
    const { login, request } = global.wx;
    global.wx.login = (options) => login({ ...options, success: () => options.success({ code: this.given.shift() }) });
    global.wx.request = (options) => (this.fails.request ? request(options) : this.fetch(options));
  }

  async fetch({ url, method, data, header, success, fail }) {
    this.busy = (this.busy ?? 0) + 1;
    try {
      const answer = await fetch(url, { method, headers: header, body: data && JSON.stringify(data) });
      const text = await answer.text();
      const isJson = /json/.test(answer.headers.get("content-type") ?? "");
      success({ statusCode: answer.status, data: isJson ? JSON.parse(text) : text });
    } catch (error) {
      fail({ errMsg: `request:fail ${error.message}` });
    } finally {
      this.busy -= 1;
    }
  }
}

const phone = new Played();
const shown = {};

const settled = async (page) => {
  do await new Promise((resolve) => setTimeout(resolve, 5));
  while (phone.busy);
  await page.settled();
};

/** What can be asked for; each names the page that it is about. */
const ACTS = {
  open: async ({ page, query }) => (shown[page] = await phone.open(page, query)),
  fire: async ({ page, selector, event, detail }) => shown[page].fire(selector, event, detail),
  again: async ({ page }) => shown[page].again(),
};

const main = async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    phone.given.push(...(asked.codes ?? []));
    await ACTS[asked.act](asked);
    await settled(shown[asked.page]);
    const { view, address, said } = shown[asked.page].data;
    const said_by = { view, address, said, text: shown[asked.page].text, gone: phone.gone, house: HOUSE };
    process.stdout.write(`${JSON.stringify(said_by)}\n`);
  }
};

main();
