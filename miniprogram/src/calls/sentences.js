// What people read when something did not work, by what the platform or our own server says.
const { Problem } = require("./problem");

/** @type {Record<string, string>} */
const SAID = {
  away: "网络不畅，请检查网络后重试",
  slow: "网络超时，请稍后重试",
  odd: "服务暂时不可用，请稍后重试",
  blocked: "无法连接登记系统，请联系学校就业部门",
  old: "微信版本过低，请更新微信后重试",
  storage: "手机存储空间不足，请清理后重试",
  login: "微信登录没有成功，请稍后重试",
  phone_refused: "您没有提供手机号，可重新点击按钮，或使用其他方式登录",
  phone_privacy: "同意《用户隐私保护指引》后才能使用手机号登录，也可以使用其他方式登录",
  phone_quota: "手机号登录暂时不能使用，请使用其他方式登录",
  phone_odd: "没有获取到手机号，请重试，或使用其他方式登录",
  scan_denied: "微信没有相机权限，请在手机设置中允许微信使用相机",
  scan_odd: "没有识别到二维码，请重新扫描",
  scan_other: "不是本系统的核验二维码，请核对后重新扫描",
  notices_off: "您已关闭订阅消息。请点右上角“···”—设置—通知管理，打开后重试",
  notices_away: "网络不畅，没有订阅成功，请重试",
  notices_odd: "暂时不能订阅，请稍后重试",
  web: "请检查网络后重试",
};

/**
 * @param {string} code
 * @returns {Problem}
 */
const problem = (code) => new Problem(code, SAID[code]);

/** @typedef {{errMsg?: string, errno?: number, errCode?: number, errorCode?: number}} Failure */

/**
 * What wx.request failed with.
 * @param {Failure} failure
 */
const ofRequest = ({ errMsg = "", errno }) => {
  if (errno === 5 || /time.?out|超时|逾时|逾時/.test(errMsg)) return problem("slow");
  if (errno === 600002 || /domain list|合法域名/.test(errMsg)) return problem("blocked");
  return problem("away");
};

/**
 * What the button for the number said instead of a code.
 * @param {Failure} failure
 */
const ofPhone = ({ errMsg = "", errno }) => {
  if (errno === 1400001) return problem("phone_quota");
  if (errno === 104 || errMsg.includes("privacy")) return problem("phone_privacy");
  if (/deny|cancel/.test(errMsg)) return problem("phone_refused"); // Android: "fail:user deny", iOS: "fail user deny"
  return problem("phone_odd");
};

/**
 * What wx.scanCode failed with; nothing when she closed it.
 * @param {Failure} failure
 */
const ofScan = ({ errMsg = "" }) => {
  if (errMsg.includes("cancel")) return null;
  return problem(/auth|permission|deny/.test(errMsg) ? "scan_denied" : "scan_odd");
};

/**
 * What wx.requestSubscribeMessage failed with. Some clients write errorCode.
 * @param {Failure} failure
 */
const ofNotices = ({ errCode, errorCode }) => {
  const code = errCode ?? errorCode;
  if (code === 20004) return problem("notices_off");
  return problem(code === 10002 || code === 10003 ? "notices_away" : "notices_odd");
};

module.exports = { problem, ofRequest, ofPhone, ofScan, ofNotices };
