// WeChat's own privacy guide: where it is to be agreed to first, we ask in our own words.
/** @typedef {{event: "agree", buttonId: string} | {event: "disagree"}} Given */

/** @type {((given: Given) => void) | null} */
let waiting = null;

/**
 * Be told when the platform wants an answer first, with the name of its guide.
 * @param {(name: string) => void} asked
 */
const watch = (asked) => {
  if (!wx.canIUse("onNeedPrivacyAuthorization")) return;
  wx.onNeedPrivacyAuthorization((resolve) => {
    waiting = /** @type {any} */ (resolve); // a function, which the typings do not know
    wx.getPrivacySetting({
      success: ({ privacyContractName }) => asked(privacyContractName),
      fail: () => asked("《用户隐私保护指引》"),
    });
  });
};

/**
 * Hand her answer to the platform. It looks itself whether the button of that name was tapped.
 * @param {Given} given
 */
const answer = (given) => {
  const resolve = waiting;
  waiting = null;
  resolve?.(given);
};

module.exports = { watch, answer };
