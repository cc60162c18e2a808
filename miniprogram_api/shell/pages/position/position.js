// One position, in GCJ-02 as WeChat gives it, after the privacy notice was agreed to.

import { hand, saidNo } from "../../shell.js";

const REFUSED = "您没有允许使用位置。不要紧，返回后可以只登记，再请查验员扫您的码。";
const LOST = "一时找不到位置，可能在室内或没有打开手机定位。请再试一次。";

Page({
  data: { said: "", busy: false, refused: false },

  locate() {
    if (this.data.busy) return;
    this.setData({ busy: true, said: "", refused: false });
    wx.requirePrivacyAuthorize({
      success: () => this.read(),
      fail: () => this.setData({ busy: false, said: REFUSED }),
    });
  },

  read() {
    wx.getLocation({
      type: "gcj02",
      isHighAccuracy: true,
      highAccuracyExpireTime: 5000,
      success: ({ longitude, latitude, accuracy }) => {
        hand({ position: `${longitude},${latitude},${Math.round(accuracy)}` });
        wx.navigateBack();
      },
      fail: (fault) => {
        const refused = saidNo(fault);
        this.setData({ busy: false, refused, said: refused ? REFUSED : LOST });
      },
    });
  },

  back() {
    wx.navigateBack();
  },
});
