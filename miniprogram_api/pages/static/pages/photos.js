// Certificates on paper that officers photographed: when, where, and the picture.

import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import * as me from "../core/me.js";
import { shown } from "../core/moment.js";
import { action } from "../parts/form.js";
import { empty, entry, list } from "../parts/lists.js";

/** @typedef {{id: string, taken_at: string, office: string, place: string, size: number}} Photo */

/** @returns {Promise<import("../types.js").View>} */
export async function page() {
  const path = `/people/${me.current()?.id}/photos`;
  /** @type {Photo[]} */
  const photos = await get(path);
  const none = empty("没有照片", "查验员扫码后给您的纸质健康证明拍照，会记在这里。");
  return {
    title: "卡口拍的纸质证明",
    body: [
      photos.length ? list(...photos.map((photo) => row(path, photo))) : none,
      h("p", { class: "foot" }, "照片只供核对，不改变健康码颜色，拍后 14 天自动删除。谁打开过，在“谁看过我的信息”里。"),
    ],
  };
}

/**
 * @param {string} path
 * @param {Photo} photo
 */
function row(path, photo) {
  const place = h("div", { class: "stack" });
  const look = action("看照片", "weui-btn_default", async () => {
    /** @type {{kind: string, content: string}} */
    const { kind, content } = await get(`${path}/${photo.id}`);
    place.replaceChildren(
      h("img", { class: "photo", src: `data:${kind};base64,${content}`, alt: `${photo.office}拍的纸质证明` }),
    );
  });
  place.append(look);
  const item = entry(photo.office, shown(photo.taken_at), photo.place);
  item.append(place);
  return item;
}
