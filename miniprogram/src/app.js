// Says which problem a page did not expect, to the log of WeChat's console alone: it carries no one's data.
App({
  /** @param {string} error */
  onError(error) {
    wx.getRealtimeLogManager().error("error", error);
  },
});
