// Entry: one tap gives a login code and, if the person wants, a phone-number code.

import { hand } from "../../shell.js";

const ENTERED = "entered";

Page({
  data: { said: "", busy: false, asking: true },

  /**
   * @param {Record<string, string | undefined>} options `q`: the whole address of an ordinary-link code; `scene`: of
   *   a mini program code
   */
  onLoad(options) {
    const q = decodeURIComponent(options.q ?? options.scene ?? "");
    if (q) hand({ q });
    if (!wx.getStorageSync(ENTERED)) return;
    this.setData({ asking: false });
    this.enter();
  },

  /** @param {WechatMiniprogram.ButtonGetPhoneNumber} event */
  enterWithPhone({ detail }) {
    // Without a code the person refused, or the quota is used up: the rest works without a number.
    if (detail.code) hand({ phone: detail.code });
    this.enter();
  },

  enter() {
    if (this.data.busy) return;
    this.setData({ busy: true, said: "" });
    wx.login({
      timeout: 10_000,
      success: ({ code }) => {
        hand({ wx: code });
        wx.setStorageSync(ENTERED, true);
        wx.redirectTo({ url: "/pages/web/web" });
      },
      fail: () => this.setData({ busy: false, said: "微信没有响应。请检查网络，再点一次。" }),
    });
  },
});
