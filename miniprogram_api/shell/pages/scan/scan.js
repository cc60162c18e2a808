// Scanning by WeChat's own scanner, camera or album.

import { hand, saidNo } from "../../shell.js";

Page({
  data: { said: "" },

  onLoad() {
    this.scan();
  },

  scan() {
    this.setData({ said: "" });
    wx.scanCode({
      scanType: ["qrCode"],
      success: ({ result }) => {
        hand({ q: result });
        wx.navigateBack();
      },
      fail: (fault) =>
        this.setData({
          said: saidNo(fault) ? "没有扫到。可以再扫，或返回输入码下面的编号。" : "没有看清，请再扫一次。",
        }),
    });
  },

  back() {
    wx.navigateBack();
  },
});
