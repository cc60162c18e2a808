// Uploading a certificate of health: what it says, and its photo.

import { keys, post } from "../core/api.js";
import { h } from "../core/dom.js";
import * as me from "../core/me.js";
import { go } from "../core/router.js";
import { fault, filesInput, uploadPhoto } from "../parts/attaching.js";
import { form, sender, textField, Wrong } from "../parts/form.js";

/** @typedef {import("../types.js").Certificate} Certificate */

/** @returns {import("../types.js").View} */
export function page() {
  const person = me.current();
  const institution = textField(
    "institution",
    "出具证明的机构",
    { maxlength: 60, autocomplete: "off" },
    "看公章上的名字。",
  );
  const number = textField("number", "证明编号", { maxlength: 40, autocomplete: "off" });
  const issued = textField("issued_on", "出具日期", { type: "date" });
  const until = textField("valid_until", "有效期的最后一天", { type: "date" }, "没有写的，填出具日期后第 7 天。");
  const photo = photoField();
  const fields = { institution, number, issued_on: issued, valid_until: until, file: photo };
  const keyFor = keys();
  const sending = sender(
    "提交",
    async () => {
      const body = {
        number: number.input.value.trim(),
        institution: institution.input.value.trim(),
        issued_on: issued.input.value,
        valid_until: until.input.value,
      };
      check(body, photo.input.files);
      /** @type {Certificate} */
      const made = await post(`/people/${person?.id}/certificates`, body, keyFor(body));
      go("facts", { replace: true, notice: await send(made.id) });
    },
    fields,
  );

  /**
   * What it says is kept already: a photo that didn't get through may follow.
   *
   * @param {string} made
   */
  async function send(made) {
    try {
      await uploadPhoto(person?.id ?? "", made, photo.input.files);
      return "健康证明已提交，工作人员核对后会通知您。";
    } catch (problem) {
      return `内容已记下，但照片没有传完：${problem instanceof Error ? problem.message : ""}请在下面补传。`;
    }
  }

  return {
    title: "上传健康证明",
    body: [
      h("p", { class: "lead" }, `为${person?.name_mask ?? ""}上传医院或卫生院开的健康证明。`),
      form(
        sending,
        institution.row,
        number.row,
        issued.row,
        until.row,
        photo.row,
        h("p", { class: "foot" }, "照片加密保存，只有您老家和所在地的主管部门能打开核对，您能看到谁打开过。"),
      ),
    ],
  };
}

/**
 * @param {Record<string, string>} body
 * @param {FileList | null} files
 */
function check(body, files) {
  /** @type {Record<string, string>} */
  const wrong = {};
  if ((body.institution ?? "").length < 2) wrong.institution = "请填出具证明的机构。";
  if ((body.number ?? "").length < 2) wrong.number = "请填证明上的编号。";
  if (!body.issued_on) wrong.issued_on = "请选择出具日期。";
  if (!body.valid_until) wrong.valid_until = "请选择有效期的最后一天。";
  if (!files?.length) wrong.file = "请拍一张证明的照片，或选择 PDF。";
  else if (fault(files, 1)) wrong.file = fault(files, 1);
  if (Object.keys(wrong).length) throw new Wrong(wrong);
}

function photoField() {
  const input = filesInput("file");
  input.multiple = false;
  const hint = "拍清楚姓名、结论、公章，不超过 5 MB。";
  const said = h("p", { id: "file-said", class: "field__said" }, hint);
  return {
    input,
    row: h("div", { class: "field" }, h("label", { for: "file", class: "field__label" }, "照片或 PDF"), input, said),
    /** @param {string} text */
    fail: (text) => {
      said.textContent = text || hint;
      said.classList.toggle("field__said_wrong", text !== "");
    },
    focus: () => input.focus(),
  };
}
