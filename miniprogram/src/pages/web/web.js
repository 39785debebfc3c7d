// Our own pages, in a web-view: hers, once she is signed in, or a report that somebody scanned or was sent.
const addresses = require("../../calls/addresses");
const { cardOf } = require("../../calls/cards");
const handover = require("../../calls/handover");
const { problem } = require("../../calls/sentences");

Component({
  data: {
    address: "",
    said: "",
    theme: "light",
    posted: /** @type {import("../../calls/cards").Posted[]} */ ([]),
  },

  methods: {
    /** @param {Record<string, string | undefined>} query */
    onLoad({ report }) {
      const address = report === undefined ? handover.take() : addresses.reportAddress(report);
      this.setData({ theme: wx.getAppBaseInfo().theme ?? "light" });
      if (address) this.setData({ address });
      else wx.reLaunch({ url: "/pages/start/start" });
    },

    /** @param {WechatMiniprogram.CustomEvent<{data: any[]}>} event */
    onMessage({ detail }) {
      this.setData({ posted: detail.data.filter((each) => typeof each === "object" && each !== null) });
    },

    onError() {
      this.setData({ address: "", said: problem("web").sentence });
    },

    onAgain() {
      wx.reLaunch({ url: "/pages/start/start" });
    },

    /** @param {WechatMiniprogram.Page.IShareAppMessageOption} options */
    onShareAppMessage({ webViewUrl }) {
      return cardOf(webViewUrl, this.data.posted);
    },
  },
});
