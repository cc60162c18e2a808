// What a colour may rest on beside declarations: tests, certificates of health, the code of the destination's province.

import { del, get, post } from "../core/api.js";
import { h } from "../core/dom.js";
import * as me from "../core/me.js";
import { shown } from "../core/moment.js";
import { show, takeNotice } from "../core/router.js";
import { photoOf } from "../parts/attaching.js";
import { action } from "../parts/form.js";
import { entry, list } from "../parts/lists.js";

/** @typedef {import("../types.js").Facts} Facts */
/** @typedef {import("../types.js").Certificate} Certificate */

const SOON = 4_000;
const LOOKS = 5;

/** @returns {Promise<import("../types.js").View>} */
export async function page() {
  const person = me.current();
  const id = person?.id ?? "";
  /** @type {Facts} */
  const facts = await get(`/people/${id}/facts`);
  const notice = takeNotice();
  const provinces = h("div", {}, ...facts.provinces.map((one) => province(id, one)));
  let stopped = false;
  const stop = () => {
    stopped = true;
  };
  if (facts.provinces.some(({ waiting }) => waiting)) follow(id, provinces, () => stopped);
  return {
    title: "检测和健康证明",
    body: [
      notice && h("p", { class: "lead", role: "status" }, notice),
      h("p", { class: "lead" }, `${person?.name_mask ?? ""}的健康码还会看这些：`),
      h("h2", { class: "weui-cells__title" }, "健康证明"),
      facts.certificates.length > 0
        ? list(...facts.certificates.map((paper) => certificate(id, paper)))
        : h("p", { class: "foot" }, "还没有。医院开的健康证明经工作人员核对后，有效期内没有申报时也是绿码。"),
      h("a", { class: "weui-btn weui-btn_primary", href: "#/certificate" }, "上传健康证明"),
      h("h2", { class: "weui-cells__title" }, "核酸检测结果"),
      facts.tests.length > 0
        ? list(
            ...facts.tests.map((test) =>
              entry(
                `${test.result_name} · ${shown(test.sampled_at)} 采样`,
                `${test.laboratory}，报告编号 ${test.report_number}`,
                `由${test.entered_by}登记`,
              ),
            ),
          )
        : h("p", { class: "foot" }, "还没有登记过。结果由主管部门按检测机构的名单登记，登记错了可以在健康码页面申诉。"),
      facts.provinces.length > 0 && h("h2", { class: "weui-cells__title" }, "外省的健康码"),
      provinces,
    ],
    leave: stop,
  };
}

/**
 * @param {string} person
 * @param {Facts["provinces"][number]} one
 */
function province(person, { province: code, name, sentence, waiting, destination, asked_at, colour }) {
  return h(
    "section",
    { class: "panel" },
    h("p", { class: "entry__title" }, destination ? `${name}（您要去的地方）` : name),
    h("p", { class: "entry__line", role: "status" }, sentence),
    asked_at && !waiting && !colour && h("p", { class: "entry__line" }, `${shown(asked_at)} 查的`),
    !waiting &&
      action("现在查一次", "weui-btn_default", async () => {
        await post(`/people/${person}/provincial-codes`, { province: code });
        show();
      }),
  );
}

/**
 * Look again until the answers are there, without moving the page.
 *
 * @param {string} person
 * @param {HTMLElement} place
 * @param {() => boolean} stopped
 */
async function follow(person, place, stopped) {
  for (let look = 0; look < LOOKS; look += 1) {
    await new Promise((wake) => setTimeout(wake, SOON));
    if (stopped()) return;
    try {
      /** @type {Facts} */
      const { provinces } = await get(`/people/${person}/facts`);
      place.replaceChildren(...provinces.map((one) => province(person, one)));
      if (!provinces.some(({ waiting }) => waiting)) return;
    } catch {
      // The next look tells; the page stays as it is.
    }
  }
}

/**
 * @param {string} person
 * @param {Certificate} paper
 */
function certificate(person, paper) {
  const { id, state, state_name, expired, institution, number, issued_on, valid_until, reason, office, place } = paper;
  const days = [issued_on && `${issued_on} 出具`, valid_until && `有效到 ${valid_until}`].filter(Boolean).join("，");
  const row = entry(
    `${expired && state === "confirmed" ? "已过期" : state_name}${institution ? ` · ${institution}` : ""}`,
    number && `编号 ${number}`,
    days,
    place && `查验员在${place}拍的`,
    office && `由${office}核对`,
    reason && `没有通过：${reason}`,
  );
  if (paper.needs_photo) row.append(photoOf(person, id));
  if (paper.may_withdraw) row.append(withdrawal(person, paper));
  return row;
}

/**
 * Taking one back is asked twice.
 *
 * @param {string} person
 * @param {Certificate} paper
 */
function withdrawal(person, { id, state }) {
  const place = h("div", { class: "field stack" });
  const offer = () =>
    place.replaceChildren(h("button", { class: "weui-btn weui-btn_default", type: "button", onclick: ask }, "撤回"));
  function ask() {
    const effect = state === "confirmed" ? "撤回后健康码不再凭它为绿码。" : "撤回后不再核对。";
    place.replaceChildren(
      h("p", { class: "panel__without", role: "status" }, effect),
      action("确定撤回", "weui-btn_warn", async () => {
        await del(`/people/${person}/certificates/${id}`);
        show();
      }),
      h("button", { class: "weui-btn weui-btn_default", type: "button", onclick: offer }, "不撤回"),
    );
    place.querySelector("button")?.focus();
  }
  offer();
  return place;
}
