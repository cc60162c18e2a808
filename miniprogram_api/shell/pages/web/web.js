// The worker's pages. Another fragment doesn't load them anew: they read it, and remove it, as it changes.

import { BASE_URL } from "../../config.js";
import { hand, holds, takeHanded } from "../../shell.js";

Page({
  data: { src: "", broken: false },

  /** @param {Record<string, string | undefined>} options `page`: what a subscribe message is about */
  onLoad({ page }) {
    if (page) hand({ page });
    if (holds("wx")) return;
    // Opened by a message, not over the entry page: without a fresh login code an earlier sign-in goes on.
    this.waiting = true;
    wx.login({
      success: ({ code }) => hand({ wx: code }),
      complete: () => {
        this.waiting = false;
        this.open();
      },
    });
  },

  waiting: false,

  onShow() {
    if (!this.waiting) this.open();
  },

  open() {
    const fragment = takeHanded();
    if (!fragment && this.data.src) return;
    this.setData({ broken: false, src: `${BASE_URL}/w/#${fragment || "/code"}` });
  },

  failed() {
    this.setData({ src: "", broken: true });
  },
});
