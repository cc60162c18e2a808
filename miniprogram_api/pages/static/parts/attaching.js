// Adding photos or a PDF to an appeal, one by one, so that a bad network loses at most one of them.

import { post } from "../core/api.js";
import { h } from "../core/dom.js";
import { show } from "../core/router.js";
import { action, Wrong } from "./form.js";

/** @typedef {import("../types.js").Appeal} Appeal */

const LARGEST = 5 * 1024 * 1024;

/**
 * @param {string} person
 * @param {Appeal} appeal that waits
 */
export function attaching(person, appeal) {
  const input = filesInput(`files-${appeal.id}`);
  const label = `补充照片或 PDF（还可以交 ${appeal.files_left} 份，每份不超过 5 MB）`;
  return h(
    "div",
    { class: "field stack" },
    h("label", { class: "field__label", for: input.id }, label),
    input,
    action("上传材料", "weui-btn_default", async () => {
      if (!input.files?.length) throw new Error("请先选择照片或 PDF 文件。");
      try {
        await upload(person, appeal.id, input.files);
      } finally {
        input.value = "";
      }
      show();
    }),
  );
}

/** @param {string} id */
export function filesInput(id) {
  return h("input", {
    id,
    class: "field__input",
    type: "file",
    accept: "image/jpeg,image/png,application/pdf",
    multiple: true,
  });
}

/**
 * What is wrong with these before any is sent; empty when nothing is.
 *
 * @param {FileList} files
 * @param {number} most
 */
export function fault(files, most) {
  if (files.length > most) return `最多 ${most} 份，请重新选择。`;
  const large = [...files].find(({ size }) => size > LARGEST);
  return large ? `“${large.name}”超过 5 MB，请换小一点的照片。` : "";
}

/**
 * @param {string} person
 * @param {string} appeal
 * @param {FileList} files
 */
export async function upload(person, appeal, files) {
  const wrong = fault(files, 3);
  if (wrong) throw new Wrong({ files: wrong });
  for (const file of files) await post(`/people/${person}/appeals/${appeal}/files`, file);
}

/**
 * The photo of a certificate of health whose words are there already.
 *
 * @param {string} person
 * @param {string} certificate
 */
export function photoOf(person, certificate) {
  const input = filesInput(`photo-${certificate}`);
  input.multiple = false;
  return h(
    "div",
    { class: "field stack" },
    h("label", { class: "field__label", for: input.id }, "补传照片或 PDF（不超过 5 MB）"),
    input,
    action("上传照片", "weui-btn_primary", async () => {
      await uploadPhoto(person, certificate, input.files);
      show();
    }),
  );
}

/**
 * @param {string} person
 * @param {string} certificate
 * @param {FileList | null} files
 */
export async function uploadPhoto(person, certificate, files) {
  const file = files?.[0];
  if (!file) throw new Error("请先选择照片或 PDF 文件。");
  const wrong = fault(files, 1);
  if (wrong) throw new Wrong({ file: wrong });
  await post(`/people/${person}/certificates/${certificate}/file`, file);
}
