// What WeChat's own script adds to a page inside WeChat: the card that 发送给朋友 sends, a scan. In our mini
// program the card is made there: it is told which report, and by which page. The page is whole without it.
"use strict";
{
  const card = { ...document.currentScript.dataset };
  const scan = (button) => {
    const said = document.getElementById(button.getAttribute("aria-describedby"));
    wx.scanQRCode({
      needResult: 1,
      scanType: ["qrCode"],
      success: ({ resultStr }) => {
        if (resultStr.startsWith(`${location.origin}/v/`)) { location.assign(resultStr); return; }
        said.textContent = "不是本系统的核验二维码，请核对后重新扫描。";
      },
    });
  };
  const inMiniProgram = () => window.__wxjs_environment === "miniprogram" || / miniProgram\b/.test(navigator.userAgent);
  const ready = () => {
    if (card.link) { wx.updateAppMessageShareData({ imgUrl: "", ...card }); }
    for (const each of document.querySelectorAll("[data-in-wechat]")) { each.hidden = false; }
    for (const button of document.querySelectorAll("[data-scan]")) {
      button.addEventListener("click", () => scan(button));
    }
  };
  const begin = async () => {
    if (card.link && inMiniProgram()) {
      wx.miniProgram.postMessage({ data: { title: card.title, link: card.link, page: location.href.split("#")[0] } });
    }
    const page = encodeURIComponent(location.pathname + location.search);
    const answer = await fetch(`/wechat/signature?of=${page}`);
    if (!answer.ok) { return; }
    wx.config({
      ...(await answer.json()),
      debug: false,
      jsApiList: ["updateAppMessageShareData", "scanQRCode"],
    });
    wx.ready(ready);
  };
  if (window.wx) { begin().catch(() => {}); } // where the network is gone the page stays as it is
}
