// Our own server: the addresses under /wechat/mini of docs/miniprogram.md.
const { address } = require("../settings");
const device = require("./device");
const { Problem } = require("./problem");
const { ofRequest, problem } = require("./sentences");

const LONGEST = 10000; // milliseconds for one request
const AGAIN = ["login_code_invalid", "login_code_used"];

/** @typedef {{version: string, title: string, paragraphs: string[], consent: string}} Notice */
/** @typedef {{outcome: "signed_in" | "identify", follow: boolean, open: string}} Answer */
/** @typedef {{to?: string, message?: string}} Launch */
/** @typedef {{id: string, title: string}} Template */

/**
 * Ask the server, and give what it answers.
 * @param {"GET" | "POST"} method
 * @param {string} path under /wechat/mini
 * @param {object} [data]
 * @returns {Promise<any>}
 */
const ask = (method, path, data) =>
  new Promise((resolve, reject) => {
    wx.request({
      url: `${address}/wechat/mini/${path}`,
      method,
      data,
      timeout: LONGEST,
      header: { "content-type": "application/json" },
      success: ({ statusCode, data: answer }) => {
        if (statusCode >= 200 && statusCode < 300) resolve(answer);
        else reject(refusal(answer));
      },
      fail: (failure) => reject(ofRequest(failure)),
    });
  });

/**
 * What the server refused with: its own sentence, or ours where a proxy answered in its place.
 * @param {any} answer
 */
const refusal = (answer) =>
  typeof answer?.code === "string" && typeof answer?.sentence === "string"
    ? new Problem(answer.code, answer.sentence)
    : problem("odd");

/** @returns {Promise<string>} a code of WeChat's for who holds the phone, good once */
const loginCode = () =>
  new Promise((resolve, reject) => {
    wx.login({
      timeout: LONGEST,
      success: ({ code }) => (code ? resolve(code) : reject(problem("login"))),
      fail: () => reject(problem("login")),
    });
  });

/** @returns {Promise<Notice>} */
const notice = () => ask("GET", "privacy");

/**
 * Sign in; a code of WeChat's that was used up in the meantime is asked for once more.
 * @param {Launch} launch
 * @param {{phone_code: string, consent_version: string}} [shared] what she shared, if she did
 * @returns {Promise<Answer>}
 */
const login = async (launch, shared) => {
  const own = device.hashed(await device.secret());
  const once = async () => ask("POST", "login", { ...launch, ...shared, device: own, login_code: await loginCode() });
  try {
    return await once();
  } catch (error) {
    if (shared || !(error instanceof Problem) || !AGAIN.includes(error.code)) throw error;
    return once();
  }
};

/**
 * The address that the web-view opens: the secret behind the #, where no server and no log reads it.
 * @param {Answer} answer
 */
const opened = async (answer) => `${answer.open}&device=${await device.secret()}`;

/** @returns {Promise<boolean>} whether the session of this phone goes on */
const goesOn = async () => (await ask("POST", "session", { secret: await device.secret() })).signed_in;

const signOut = async () => ask("POST", "sign-out", { secret: await device.secret() });

/** @returns {Promise<Template[]>} */
const notices = async () => (await ask("GET", "notices")).templates;

/**
 * Tell what she answered about each notice.
 * @param {Record<string, string>} answers by template, in WeChat's own words
 */
const tellNotices = async (answers) => ask("POST", "notices", { secret: await device.secret(), answers });

module.exports = { notice, login, opened, goesOn, signOut, notices, tellNotices };
