// The secret that this mini program on this phone keeps: what the server hands over opens for it alone.
const { sha256 } = require("../vendor/sha256-1.0.0");
const { problem } = require("./sentences");

const KEY = "secret";
const BYTES = 32;

/** @returns {Promise<ArrayBuffer>} random numbers of the platform, fit for a secret */
const random = () =>
  new Promise((resolve, reject) => {
    if (!wx.canIUse("getRandomValues")) {
      reject(problem("old"));
      return;
    }
    wx.getRandomValues({
      length: BYTES,
      success: ({ randomValues }) => resolve(randomValues),
      fail: () => reject(problem("old")),
    });
  });

/** @param {ArrayBuffer} bytes */
const hex = (bytes) => Array.from(new Uint8Array(bytes), (each) => each.toString(16).padStart(2, "0")).join("");

/**
 * The secret, made when there is none: 64 hexadecimal characters.
 * @returns {Promise<string>}
 */
const secret = async () => {
  const kept = wx.getStorageSync(KEY);
  if (kept) return kept;
  const made = hex(await random());
  try {
    wx.setStorageSync(KEY, made);
  } catch (error) {
    throw problem("storage");
  }
  return made;
};

/** Throw the secret away: what was handed over to it opens nothing any more. */
const forget = () => wx.removeStorageSync(KEY);

/** @param {string} of the secret */
const hashed = (of) => sha256(of);

module.exports = { secret, forget, hashed };
