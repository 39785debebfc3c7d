// Which addresses are ours, and which of them may be opened by a scan or forwarded.
const { address } = require("../settings");

const REPORT = /^\/v\/([A-Za-z0-9_-]{8,200})$/;
const TOKEN = /^[A-Za-z0-9_-]{8,200}$/;
const WORD = /^[A-Za-z0-9_-]{1,100}$/;

/**
 * The token of a report's link, where the address is one of ours and nothing more; else nothing.
 * @param {string} text what was scanned, or the address of a page
 * @returns {string | null}
 */
const reportOf = (text) => {
  if (!text.startsWith(`${address}/`)) return null;
  const found = REPORT.exec(text.slice(address.length).split(/[?#]/)[0]);
  return found ? found[1] : null;
};

/**
 * The address of the report that a card names. A card can be made by anybody.
 * @param {string | undefined} token
 * @returns {string | null}
 */
const reportAddress = (token) => (TOKEN.test(token ?? "") ? `${address}/v/${token}` : null);

/**
 * What a card or a menu entry asks to be opened, in words that the server knows.
 * @param {Record<string, string | undefined>} query
 * @returns {import("./server").Launch}
 */
const launch = (query) => {
  /** @type {import("./server").Launch} */
  const found = {};
  if (WORD.test(query.to ?? "")) found.to = query.to;
  if (WORD.test(query.message ?? "")) found.message = query.message;
  return found;
};

module.exports = { reportOf, reportAddress, launch };
