// Consent to subscribe messages. The worker's pages name the templates and tell the server what was agreed to.

import { hand } from "../../shell.js";

const AT_ONCE = 3;

Page({
  data: { said: "", busy: false },

  /** @type {string[]} */
  templates: [],

  /** @param {Record<string, string | undefined>} options `templates`: ids by commas, at most three are asked for */
  onLoad(options) {
    this.templates = decodeURIComponent(options.templates ?? "")
      .split(",")
      .filter(Boolean)
      .slice(0, AT_ONCE);
  },

  /** WeChat shows its prompt only out of a tap. */
  ask() {
    this.setData({ busy: true, said: "" });
    wx.requestSubscribeMessage({
      tmplIds: this.templates,
      success: (answer) => {
        const agreed = this.templates.filter((template) => answer[template] === "accept");
        if (agreed.length) hand({ agreed: agreed.join(",") });
        wx.navigateBack();
      },
      fail: ({ errCode }) =>
        this.setData({
          busy: false,
          said:
            errCode === 20004 ? "您关闭了消息通知。请在右上角“设置”里打开，再试一次。" : "微信没有响应，请再试一次。",
        }),
    });
  },

  back() {
    wx.navigateBack();
  },
});
